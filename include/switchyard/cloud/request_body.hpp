#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/plan.hpp"
#include "switchyard/cloud/schedule.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/utc.hpp"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard {

/// Characters of filler that make a payload of `size_kb` (1 KB = 1,024 bytes); base64 comes in fours.
[[nodiscard]] inline std::size_t filler_length(Workload workload, double size_kb) noexcept {
  const auto bytes = static_cast<std::size_t>(std::floor(size_kb * 1024));
  return workload == Workload::lightweight_api ? bytes : bytes / 4 * 4;
}

namespace detail {

/// `length` random characters of the base64 alphabet, without its padding: what random bytes encode to, which no
/// compression on the way shrinks by more than a quarter.
inline void append_filler(std::string& body, std::size_t length, std::uint64_t seed) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  constexpr std::size_t per_word = 10;  // 6 bits each
  Rng draw(seed);
  const std::size_t end = body.size() + length;
  body.reserve(end + 16);
  while (body.size() < end) {
    std::uint64_t word = draw.next();
    for (std::size_t i = 0; i < per_word && body.size() < end; ++i, word >>= 6U) body += alphabet[word & 63U];
  }
}

}  // namespace detail

/// What a request says of itself beside its payload.
struct RequestLabels {
  std::string request_id{};
  std::string workload_type{};
  double sent_at_ms = 0;
  double target_size_kb = 0;
  std::string time_window{};
  std::string load_pattern{};
};

/// The requirements' body (their section 3.2): request_id, workload_type, timestamp, metadata and payload, which is
/// an object with `user`, `action` and filler for the first workload and base64 text for the others. Labels must need
/// no JSON escapes. Filler is random by `payload_seed`: runs of one letter would compress.
[[nodiscard]] inline std::string request_body(const RequestLabels& labels, Workload workload,
                                              std::uint64_t payload_seed) {
  std::string body = R"({"request_id":")" + labels.request_id + R"(","workload_type":")" + labels.workload_type +
                     R"(","timestamp":")" + format_utc(labels.sent_at_ms) + R"(","metadata":{"target_size_kb":)" +
                     format_number(labels.target_size_kb) + R"(,"time_window":")" + labels.time_window +
                     R"(","load_pattern":")" + labels.load_pattern + R"("},"payload":)";
  const bool is_object = workload == Workload::lightweight_api;
  body += is_object ? R"({"user":"test","action":"validate","data":")" : R"(")";
  detail::append_filler(body, filler_length(workload, labels.target_size_kb), payload_seed);
  body += is_object ? R"("}})" : R"("})";
  return body;
}

/// Bytes of `payload` in that body, in KB: what the platforms report as payload_size_kb.
[[nodiscard]] inline double actual_payload_kb(Workload workload, double size_kb) noexcept {
  constexpr std::string_view object = R"({"user":"test","action":"validate","data":""})";
  const std::size_t around = workload == Workload::lightweight_api ? object.size() : 0;
  return static_cast<double>(filler_length(workload, size_kb) + around) / 1024;
}

/// Bytes of the whole body, without building it.
[[nodiscard]] inline double body_bytes(RequestLabels labels, Workload workload) {
  const double size_kb = labels.target_size_kb;
  labels.target_size_kb = 0;
  const std::size_t size_digits = format_number(size_kb).size() - 1;  // "0" is already there
  const std::string empty = request_body(labels, workload, 0);
  return static_cast<double>(empty.size() + size_digits + filler_length(workload, size_kb));
}

}  // namespace switchyard
