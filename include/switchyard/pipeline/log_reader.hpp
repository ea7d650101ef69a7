#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/io/jsonl.hpp"
#include "switchyard/io/observation_json.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
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

/// Reads JSONL logs, one stream after the other, and keeps what can be used. Nothing is silently lost: every row is an
/// observation or is counted in `dropped` by reason, with the place of the first.
class LogReader {
 public:
  explicit LogReader(Catalogue catalogue) : catalogue_(std::move(catalogue)) {}

  /// name: how the stream is called in places.
  void read(std::istream& input, const std::string& name) {
    if (file_names_.empty() || file_names_.back() != name) file_names_.push_back(name);
    for_each_line(input, [&](const Line& line) { take(line); });
    if (input.bad()) throw FileError::cannot_open(name, "reading failed before its end");
  }

  [[nodiscard]] const Catalogue& catalogue() const noexcept { return catalogue_; }
  [[nodiscard]] const std::vector<Observation>& observations() const noexcept { return observations_; }
  [[nodiscard]] const DroppedRows& dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::int64_t rows_read() const noexcept { return rows_; }

  /// Where observation i was read.
  [[nodiscard]] Place place_of(std::size_t i) const { return {file_names_[places_[i].first], places_[i].second, 0}; }

 private:
  void take(const Line& line) {
    ++rows_;
    const Place place{file_names_.back(), line.number, 0};
    if (line.too_long) return count_dropped(dropped_, "line_too_long", place);
    const auto object = nlohmann::json::parse(line.text, nullptr, false);
    if (object.is_discarded()) {
      return count_dropped(dropped_, line.complete ? "malformed_json" : "torn_line", place);
    }
    try {
      keep(observation_from_json(object, catalogue_), place);
    } catch (const UnusableRow& row) {
      count_dropped(dropped_, row.reason, place);
    }
  }

  void keep(Observation observation, const Place& place) {
    if (!observation.request_id.empty() && observation.request_id != "unknown") {
      const std::size_t key =
          std::hash<std::string>{}(observation.request_id) * 2 + static_cast<std::size_t>(observation.platform);
      if (!seen_.insert(key).second) return count_dropped(dropped_, "duplicate_request_id", place);
    }
    observations_.push_back(std::move(observation));
    places_.emplace_back(file_names_.size() - 1, place.line);
  }

  Catalogue catalogue_;
  std::vector<std::string> file_names_;
  std::vector<Observation> observations_;
  std::vector<std::pair<std::size_t, std::size_t>> places_;  // file index, line
  std::unordered_set<std::size_t> seen_;  // hashes: two ids that collide among 10^8 rows are 1 in 10^3 experiments
  DroppedRows dropped_;
  std::int64_t rows_ = 0;
};

}  // namespace switchyard
