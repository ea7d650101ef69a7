#pragma once

// Made-up logs of both platforms, and the datasets that preprocess makes of them.

#include "switchyard/core/random.hpp"
#include "switchyard/data/csv.hpp"
#include "switchyard/pipeline/dataset_writer.hpp"
#include "switchyard/pipeline/preprocess.hpp"
#include "switchyard/pipeline/training_data.hpp"

#include "pipeline/planned_logs.hpp"

#include <cmath>
#include <cstdint>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

namespace live_logs {

namespace sy = switchyard;

/// Median latency in ms of a platform and workload, so many seconds after noon.
using MedianLatency = std::function<double(sy::Platform, sy::Workload, double sent_s)>;

struct Traffic {
  double from_s = 0;  // after noon
  double seconds = 600;
  double per_s = 10;
  double spread = 0.3;  // standard deviation of log latency
  std::uint64_t seed = 1;
};

/// Requests of two workloads, sent to either platform by chance. Lambda is the cheaper one for both.
[[nodiscard]] inline std::vector<planned_logs::LogLine> random_lines(const Traffic& traffic,
                                                                     const MedianLatency& median_ms) {
  sy::Rng draw(traffic.seed);
  std::vector<planned_logs::LogLine> lines;
  const auto end_s = traffic.from_s + traffic.seconds;
  for (double now_s = traffic.from_s; now_s < end_s; now_s += draw.exponential(1 / traffic.per_s)) {
    const auto platform = static_cast<sy::Platform>(draw.below(2));
    const auto workload = static_cast<sy::Workload>(draw.below(2));
    const double sent_s = std::floor(1000 * now_s) / 1000;
    planned_logs::LogLine line;
    line.platform = std::string(sy::to_string(platform));
    line.workload = workload == sy::Workload::lightweight_api ? "lightweight_api" : "thumbnail_processing";
    line.sent_s = sent_s;
    line.size_kb = workload == sy::Workload::lightweight_api ? 5 : 500;
    line.latency_ms = std::floor(median_ms(platform, workload, sent_s) * std::exp(traffic.spread * draw.normal()));
    lines.push_back(line);
  }
  return lines;
}

/// What preprocess makes of the lines, written and read again, with the next mates that live features ask for.
[[nodiscard]] inline sy::TrainingData dataset_of(const std::vector<planned_logs::LogLine>& lines,
                                                 sy::FeatureSet features = sy::FeatureSet::all) {
  sy::PreprocessOptions options;
  options.features = features;
  options.match.mate = sy::Mate::next;
  std::stringstream csv;
  sy::write_dataset(csv, sy::preprocess(planned_logs::read_lines(lines), options));
  return sy::training_data(sy::read_csv(csv, "dataset.csv"), {.feature_columns = sy::feature_columns(features)});
}

}  // namespace live_logs
