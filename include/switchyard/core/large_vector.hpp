#pragma once

#include <cstddef>
#include <new>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace switchyard {

namespace detail {

/// Asks the system for large pages (2 MiB) where an array has two of them or more. One that is read here and there,
/// as rows are by the nodes of a tree, otherwise waits for its addresses as long as for its values.
template <class T>
struct LargeAllocator {
  using value_type = T;

  static constexpr std::size_t page_bytes = std::size_t{1} << 21U;
  static constexpr std::size_t least_bytes = 2 * page_bytes;

  LargeAllocator() = default;
  template <class U>
  explicit LargeAllocator(const LargeAllocator<U>&) noexcept {}

  /// Throws std::bad_alloc. count: as std::vector checks it, no more than fit into memory.
  [[nodiscard]] T* allocate(std::size_t count) {
    if (count * sizeof(T) < least_bytes) return static_cast<T*>(::operator new(count * sizeof(T)));
    void* const memory = ::operator new (count * sizeof(T), std::align_val_t{page_bytes});
#if defined(__linux__)
    // Only whole pages: the rest of the last one may be somebody else's. Refused, they are small ones.
    static_cast<void>(::madvise(memory, count * sizeof(T) / page_bytes * page_bytes, MADV_HUGEPAGE));
#endif
    return static_cast<T*>(memory);
  }

  void deallocate(T* memory, std::size_t count) noexcept {
    if (count * sizeof(T) < least_bytes)
      ::operator delete(memory);
    else
      ::operator delete (memory, std::align_val_t{page_bytes});
  }

  friend bool operator==(const LargeAllocator&, const LargeAllocator&) noexcept { return true; }
};

}  // namespace detail

/// A vector in large pages where it has many: for arrays that are read in no order.
template <class T>
using LargeVector = std::vector<T, detail::LargeAllocator<T>>;

}  // namespace switchyard
