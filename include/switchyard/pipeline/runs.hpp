#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/pipeline/features.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace switchyard {

/// First and last send time of a run, UTC epoch milliseconds.
struct RunSpan {
  double first_ms = 0;
  double last_ms = 0;
};

/// Which stretch of measurement each observation belongs to, runs in order of time.
struct RunIndex {
  std::vector<std::size_t> run_of;  // [observations]
  std::vector<std::string> names;   // [runs]: the logged run_id, else "{window}_{pattern}" of most of its rows
  std::vector<RunSpan> spans;       // [runs]
};

namespace detail {

constexpr double run_gap_ms = 10.0 * 60 * 1000;  // a longer silence between send times starts a new run

/// "{window}_{pattern}" of each row of a run, counted: by code first, since names are long and few.
class PhaseRows {
 public:
  void add(const Request& request, const Catalogue& catalogue) {
    const auto window = window_of(request, catalogue).value_or(TimeWindow{255});
    ++rows_[{window, request.load_pattern.value_or(LoadPattern{255})}];
  }

  [[nodiscard]] std::map<std::string, std::size_t> by_name(const Catalogue& catalogue) const {
    std::map<std::string, std::size_t> counts;  // phases that the catalogue has no name for share one
    for (const auto& [phase, rows] : rows_) {
      counts[std::string(catalogue.name(phase.first)) + "_" + std::string(catalogue.name(phase.second))] += rows;
    }
    return counts;
  }

 private:
  std::map<std::pair<TimeWindow, LoadPattern>, std::size_t> rows_;
};

[[nodiscard]] inline std::string most_frequent(const std::map<std::string, std::size_t>& counts) {
  std::string best;
  std::size_t most = 0;
  for (const auto& [name, count] : counts) {
    if (count > most) {
      best = name;
      most = count;
    }
  }
  return best;
}

/// Names the runs that the log did not, each by the phase of most of its rows; a second one of a name gets a number.
inline void name_runs(std::vector<std::string>& names, const std::vector<std::map<std::string, std::size_t>>& phases) {
  std::set<std::string> taken(names.begin(), names.end());
  std::map<std::string, std::size_t> last_number;  // per name, so that many runs of one phase take no quadratic time
  for (std::size_t run = 0; run < names.size(); ++run) {
    if (!names[run].empty()) continue;
    const std::string phase = most_frequent(phases[run]);
    names[run] = phase;
    auto& number = last_number.try_emplace(phase, 1).first->second;
    while (!taken.insert(names[run]).second) names[run] = phase + "_" + std::to_string(++number);
  }
}

}  // namespace detail

/// Runs of a set of observations: by logged run_id, the rest by gaps of 10 minutes without a request.
[[nodiscard]] inline RunIndex index_runs(const std::vector<Observation>& observations, const Catalogue& catalogue) {
  std::vector<std::size_t> order(observations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return observations[a].sent_at_ms < observations[b].sent_at_ms;
  });
  RunIndex index;
  index.run_of.resize(observations.size());
  std::map<std::string, std::size_t> by_id;
  std::vector<detail::PhaseRows> phases;  // per run
  std::size_t unnamed = 0;                // the unnamed run that is open
  double last_unnamed_ms = 0;
  for (const std::size_t i : order) {
    const Observation& observation = observations[i];
    const std::size_t next = index.spans.size();
    std::size_t run = next;
    if (!observation.run.empty()) {
      run = by_id.try_emplace(observation.run, next).first->second;
    } else {
      const bool continues = by_id.count("") > 0 && observation.sent_at_ms - last_unnamed_ms <= detail::run_gap_ms;
      if (!continues) unnamed = next;
      by_id[""] = run = unnamed;
      last_unnamed_ms = observation.sent_at_ms;
    }
    if (run == next) {
      index.spans.push_back({observation.sent_at_ms, observation.sent_at_ms});
      index.names.push_back(observation.run);
      phases.emplace_back();
    }
    index.spans[run].last_ms = observation.sent_at_ms;
    index.run_of[i] = run;
    phases[run].add(observation.request, catalogue);
  }
  std::vector<std::map<std::string, std::size_t>> named;
  for (const detail::PhaseRows& of_run : phases) named.push_back(of_run.by_name(catalogue));
  detail::name_runs(index.names, named);
  return index;
}

}  // namespace switchyard
