#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <type_traits>

namespace switchyard {

/// A number that one thread may write while others read it. Loads acquire and stores release, which costs nothing on
/// x86 and is what lets SequenceLock go without fences.
template <class T>
requires std::is_arithmetic_v<T>
class Shared {
 public:
  Shared() noexcept = default;
  Shared(T value) noexcept : value_(value) {}  // NOLINT(google-explicit-constructor): it stands for its value
  Shared(const Shared& other) noexcept : value_(other.load()) {}
  Shared& operator=(const Shared& other) noexcept { return *this = other.load(); }
  Shared& operator=(T value) noexcept {
    value_.store(value, std::memory_order_release);
    return *this;
  }
  ~Shared() = default;

  [[nodiscard]] T load() const noexcept { return value_.load(std::memory_order_acquire); }
  operator T() const noexcept { return load(); }  // NOLINT(google-explicit-constructor)

 private:
  std::atomic<T> value_ = T{};
};

/// Lets any number of threads read a group of Shared numbers as they stood together, without a reader ever holding up a
/// writer; writers take turns (Boehm, "Can Seqlocks Get Along with Programming Language Memory Models?", MSPC 2012).
class SequenceLock {
 public:
  SequenceLock() noexcept = default;
  SequenceLock(const SequenceLock&) noexcept {}  // a copy guards other numbers
  SequenceLock& operator=(const SequenceLock&) noexcept { return *this; }
  ~SequenceLock() = default;

  /// Runs `write`, which must not throw, while no other writer does.
  template <class Write>
  decltype(auto) write(Write&& write) noexcept {
    const Turn turn(version_);
    return write();
  }

  /// What `read` returns when no writer came between. `read` may run more than once and must not throw. After many
  /// vain attempts it takes a writer's turn, so that writers in a row cannot starve a reader.
  template <class Read>
  [[nodiscard]] auto read(const Read& read) const noexcept {
    constexpr int attempts = 64;
    for (int attempt = 0; attempt < attempts; ++attempt) {
      const std::uint32_t before = version_.load(std::memory_order_acquire);
      if (is_odd(before)) continue;
      const auto result = read();
      if (version_.load(std::memory_order_relaxed) == before) return result;
    }
    const Turn turn(version_);
    return read();
  }

 private:
  [[nodiscard]] static bool is_odd(std::uint32_t version) noexcept { return (version & 1U) != 0; }

  /// A writer's turn: the version is odd while it lasts.
  class Turn {
   public:
    explicit Turn(std::atomic<std::uint32_t>& version) noexcept : version_(version) {
      constexpr int spins_before_yield = 100;
      for (int spins = 0;; ++spins) {
        taken_ = version_.load(std::memory_order_relaxed);
        if (!is_odd(taken_) && version_.compare_exchange_weak(taken_, taken_ + 1, std::memory_order_acquire)) return;
        if (spins >= spins_before_yield) std::this_thread::yield();
      }
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { version_.store(taken_ + 2, std::memory_order_release); }

   private:
    std::atomic<std::uint32_t>& version_;
    std::uint32_t taken_ = 0;
  };

  mutable std::atomic<std::uint32_t> version_{0};
};

}  // namespace switchyard
