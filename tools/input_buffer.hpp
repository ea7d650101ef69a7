#pragma once

#include "interrupt.hpp"

#include "switchyard/core/error.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <streambuf>
#include <string>

namespace switchyard::tools {

/// A file, or standard input for "-", as an unsynchronised buffer whose end also comes when the process is interrupted:
/// a standard stream would go on waiting for bytes.
class InputBuffer : public std::streambuf {
 public:
  /// Throws FileError.
  explicit InputBuffer(const std::string& path)
      : name_(path == "-" ? "standard input" : path),
        descriptor_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) throw FileError::cannot_open(name_, std::strerror(errno));
  }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() override {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Throws FileError if reading failed: a stream swallows what its buffer throws.
  void check() const {
    if (error_ != 0) throw FileError("cannot read " + name_ + ": " + std::strerror(error_));
  }

 protected:
  int_type underflow() override {
    ssize_t count = -1;
    while (interrupts() == 0 && error_ == 0 && count < 0) {
      count = ::read(descriptor_, bytes_.data(), bytes_.size());
      if (count < 0 && errno != EINTR) error_ = errno;
    }
    if (count <= 0) return traits_type::eof();
    setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
    return traits_type::to_int_type(bytes_.front());
  }

 private:
  std::string name_;
  int descriptor_;
  int error_ = 0;
  std::array<char, 64 * 1024> bytes_{};
};

}  // namespace switchyard::tools
