#pragma once

#include "switchyard/core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace switchyard::tools {

/// Reads one HTTP/1.1 answer as its bytes arrive (RFC 9112): interim 1xx answers are passed over; the body ends by
/// Content-Length, by the last chunk, or with the connection. Sizes are limited, so a hostile server cannot fill
/// memory.
class HttpResponse {
 public:
  static constexpr std::size_t max_head_bytes = 64 * 1024;
  static constexpr std::size_t max_body_bytes = 4 * 1024 * 1024;

  /// More bytes of the answer. Bytes after its end are dropped and the connection is then not to be used again.
  void feed(std::string_view bytes) {
    if (stage_ == Stage::done || stage_ == Stage::bad) {
      reusable_ = false;
      return;
    }
    pending_ += bytes;
    while (step()) {
    }
    if (stage_ == Stage::done && !pending_.empty()) reusable_ = false;
  }

  /// The connection ended: an answer without length is now complete, any other that is not yet done is broken.
  void finish() {
    if (stage_ == Stage::to_the_end) stage_ = Stage::done;
    if (stage_ != Stage::done) stage_ = Stage::bad;
    reusable_ = false;
  }

  [[nodiscard]] bool done() const noexcept { return stage_ == Stage::done; }
  [[nodiscard]] bool bad() const noexcept { return stage_ == Stage::bad; }
  [[nodiscard]] bool over() const noexcept { return done() || bad(); }
  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& body() const noexcept { return body_; }
  /// Whether another request may follow on the same connection.
  [[nodiscard]] bool reusable() const noexcept { return done() && reusable_; }

 private:
  enum class Stage { head, sized, chunk_size, chunk, chunk_end, trailer, to_the_end, done, bad };

  [[nodiscard]] static bool same_word(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
  }

  // One stage's work on what has arrived; false when it needs more bytes or all is over.
  bool step() {
    switch (stage_) {
      case Stage::head: return read_head();
      case Stage::sized: return read_sized(Stage::done);
      case Stage::chunk_size: return read_chunk_size();
      case Stage::chunk: return read_sized(Stage::chunk_end);
      case Stage::chunk_end: return read_line_into(Stage::chunk_size);
      case Stage::trailer: return read_trailer();
      case Stage::to_the_end: left_ = pending_.size(); return read_sized(Stage::to_the_end) && false;
      case Stage::done:
      case Stage::bad: return false;
    }
    return false;
  }

  bool fail() {
    stage_ = Stage::bad;
    return false;
  }

  bool read_head() {
    const auto end = pending_.find("\r\n\r\n");
    if (std::min(end, pending_.size()) > max_head_bytes) return fail();
    if (end == std::string::npos) return false;
    const std::string head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    // "HTTP/1.1 200 OK"
    const auto [stop, error] =
        std::from_chars(head.data() + std::min<std::size_t>(9, head.size()), head.data() + head.size(), status_);
    if (!head.starts_with("HTTP/1.") || head.size() < 12 || error != std::errc{} || stop != head.data() + 12)
      return fail();
    if (status_ < 100 || status_ > 599) return fail();
    reusable_ = head[7] == '1';
    stage_ = Stage::to_the_end;
    if (!read_fields(std::string_view(head).substr(head.find("\r\n") + 2))) return fail();
    if (status_ < 200) {  // interim: the real head follows
      stage_ = status_ == 101 ? Stage::bad : Stage::head;
    } else if (status_ == 204 || status_ == 304) {
      stage_ = Stage::done;
    }
    return stage_ != Stage::bad;
  }

  bool read_fields(std::string_view lines) {
    bool sized = false;
    bool chunked = false;
    for (auto end = lines.find("\r\n"); end != std::string_view::npos; end = lines.find("\r\n")) {
      const auto colon = lines.substr(0, end).find(':');
      if (colon == std::string_view::npos) return false;
      const auto name = lines.substr(0, colon);
      const auto value = trimmed(lines.substr(colon + 1, end - colon - 1));
      if (same_word(name, "content-length")) {
        const auto length = parse_integer(value);
        if (!length || *length < 0 || (sized && static_cast<std::size_t>(*length) != left_)) return false;
        left_ = static_cast<std::size_t>(*length);
        sized = true;
      } else if (same_word(name, "transfer-encoding")) {
        if (!same_word(value, "chunked")) return false;
        chunked = true;
      } else if (same_word(name, "connection")) {
        if (same_word(value, "close")) reusable_ = false;
        if (same_word(value, "keep-alive")) reusable_ = true;
      }
      lines.remove_prefix(end + 2);
    }
    if (chunked) {
      stage_ = Stage::chunk_size;
    } else if (sized) {
      stage_ = Stage::sized;
    }
    return true;
  }

  bool read_sized(Stage next) {
    const std::size_t taken = std::min(left_, pending_.size());
    if (left_ > max_body_bytes - body_.size()) return fail();
    body_.append(pending_, 0, taken);
    pending_.erase(0, taken);
    left_ -= taken;
    if (left_ > 0) return false;
    stage_ = next;
    return true;
  }

  bool read_chunk_size() {
    const auto end = pending_.find("\r\n");
    if (end == std::string::npos) return pending_.size() > max_head_bytes ? fail() : false;
    const auto [stop, error] = std::from_chars(pending_.data(), pending_.data() + end, left_, 16);
    if (error != std::errc{} || (stop != pending_.data() + end && *stop != ';' && *stop != ' ')) return fail();
    pending_.erase(0, end + 2);
    stage_ = left_ == 0 ? Stage::trailer : Stage::chunk;
    return true;
  }

  bool read_line_into(Stage next) {
    if (pending_.size() < 2) return false;
    if (!pending_.starts_with("\r\n")) return fail();
    pending_.erase(0, 2);
    stage_ = next;
    return true;
  }

  bool read_trailer() {
    const auto end = pending_.find("\r\n");
    if (end == std::string::npos) return pending_.size() > max_head_bytes ? fail() : false;
    pending_.erase(0, end + 2);
    if (end == 0) stage_ = Stage::done;
    return true;
  }

  Stage stage_ = Stage::head;
  std::string pending_;
  std::string body_;
  std::size_t left_ = 0;  // bytes of the body or chunk still to come
  int status_ = 0;
  bool reusable_ = false;
};

}  // namespace switchyard::tools
