#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/io/jsonl.hpp"
#include "switchyard/io/observation_json.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// How many rows were left out for one reason, and where the first of them stands.
struct Dropped {
  std::int64_t rows = 0;
  Place first;
};

using DroppedRows = std::map<std::string, Dropped>;  // by reason

inline void count_dropped(DroppedRows& dropped, const std::string& reason, const Place& place) {
  auto& entry = dropped[reason];
  if (entry.rows++ == 0) entry.first = place;
}

namespace detail {

/// A growing set of numbers other than 0 that are random already: open addressing with linear probing (Knuth, 1973).
class KeySet {
 public:
  /// Whether `key` is new.
  bool insert(std::uint64_t key) {
    if (2 * (size_ + 1) > slots_.size()) grow();
    std::uint64_t& slot = place_of(key);
    if (slot == key) return false;
    slot = key;
    ++size_;
    return true;
  }

 private:
  [[nodiscard]] std::uint64_t& place_of(std::uint64_t key) noexcept {
    std::size_t i = key & (slots_.size() - 1);
    while (slots_[i] != 0 && slots_[i] != key) i = (i + 1) & (slots_.size() - 1);
    return slots_[i];
  }

  void grow() {
    constexpr std::size_t least = 1024;  // a power of two, as every size
    std::vector<std::uint64_t> small(std::max(least, 2 * slots_.size()));
    small.swap(slots_);
    for (const std::uint64_t key : small) {
      if (key != 0) place_of(key) = key;
    }
  }

  std::vector<std::uint64_t> slots_;  // 0 = free; at most half are taken
  std::size_t size_ = 0;
};

}  // namespace detail

/// Reads JSONL logs, one stream after the other, and keeps what can be used. Nothing is silently lost: every row is an
/// observation or is counted in `dropped` by reason, with the place of the first.
class LogReader {
 public:
  /// threads: that read rows, which changes no result; <= 0: one per hardware thread.
  explicit LogReader(Catalogue catalogue, int threads = 1)
      : catalogue_(std::move(catalogue)), pool_(std::make_unique<ThreadPool>(threads)) {}

  /// name: how the stream is called in places.
  void read(std::istream& input, const std::string& name) {
    if (file_names_.empty() || file_names_.back() != name) file_names_.push_back(name);
    for_each_line(input, [&](const Line& line) { gather(line); });
    take_gathered();
    if (input.bad()) throw FileError::cannot_open(name, "reading failed before its end");
  }

  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }
  [[nodiscard]] const std::vector<Observation>& observations() const noexcept { return observations_; }
  [[nodiscard]] const DroppedRows& dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::int64_t rows_read() const noexcept { return rows_; }

  /// Where observation i was read.
  [[nodiscard]] Place place_of(std::size_t i) const { return {file_names_[places_[i].first], places_[i].second, 0}; }

 private:
  /// A line that waits for its turn, and what it turned out to be: an observation, or a reason to drop it.
  struct GatheredLine {
    std::size_t begin = 0;  // in text_
    std::size_t size = 0;
    std::size_t number = 0;
    bool complete = true;
    std::uint64_t key = 0;  // of the observation, see key_of; 0 if it has none
    std::string reason = {};
    std::optional<Observation> observation = {};
  };

  void gather(const Line& line) {
    GatheredLine gathered{text_.size(), line.too_long ? 0 : line.text.size(), line.number, line.complete};
    if (line.too_long) {
      gathered.reason = "line_too_long";
    } else {
      text_ += line.text;
    }
    lines_.push_back(std::move(gathered));
    if (text_.size() >= enough_bytes || lines_.size() >= enough_lines) take_gathered();
  }

  /// Lines are read in any order and taken in theirs.
  void take_gathered() {
    constexpr std::size_t block = 64;
    pool_->for_each_index((lines_.size() + block - 1) / block, [&](std::size_t i) {
      ObservationReader reader(catalogue_);
      for (std::size_t l = i * block; l < std::min(lines_.size(), (i + 1) * block); ++l) examine(lines_[l], reader);
    });
    for (GatheredLine& line : lines_) {
      ++rows_;
      if (line.observation && line.key != 0 && !seen_.insert(line.key)) {
        line.observation.reset();
        line.reason = "duplicate_request_id";
      }
      if (line.observation) {
        observations_.push_back(std::move(*line.observation));
        places_.emplace_back(file_names_.size() - 1, line.number);
      } else {
        count_dropped(dropped_, line.reason, {file_names_.back(), line.number, 0});
      }
    }
    lines_.clear();
    text_.clear();
  }

  void examine(GatheredLine& line, ObservationReader& reader) const {
    if (!line.reason.empty()) return;
    try {
      line.observation = reader.read(std::string_view(text_).substr(line.begin, line.size));
      if (line.observation) {
        line.key = key_of(*line.observation);
      } else {
        line.reason = line.complete ? "malformed_json" : "torn_line";
      }
    } catch (const UnusableRow& row) {
      line.reason = row.reason;
    }
  }

  /// What tells a request from others; 0 for one without an id. Two ids that collide among 10^8 rows are 1 in 10^3
  /// experiments.
  [[nodiscard]] static std::uint64_t key_of(const Observation& observation) noexcept {
    if (observation.request_id.empty() || observation.request_id == "unknown") return 0;
    const std::uint64_t key =
        std::hash<std::string>{}(observation.request_id) * 2 + static_cast<std::uint64_t>(observation.platform);
    return std::max<std::uint64_t>(key, 1);
  }

  // Of lines that wait: enough to keep all threads busy, and a bound on memory.
  static constexpr std::size_t enough_bytes = std::size_t{1} << 20U;
  static constexpr std::size_t enough_lines = 4096;

  Catalogue catalogue_;
  std::unique_ptr<ThreadPool> pool_;
  std::string text_;                 // of the gathered lines
  std::vector<GatheredLine> lines_;  // not yet taken
  std::vector<std::string> file_names_;
  std::vector<Observation> observations_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;  // file index, line
  detail::KeySet seen_;
  DroppedRows dropped_;
  std::int64_t rows_ = 0;
};

}  // namespace switchyard
