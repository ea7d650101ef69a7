#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/metric/interval.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace switchyard {

struct BootstrapOptions {
  int replicates = 1000;  // >= 1
  double level = 0.95;    // in (0, 1)
  std::uint64_t seed = 42;
};

namespace detail {

/// Samples drawn together.
struct Clusters {
  std::vector<std::size_t> of_sample;  // [samples]; in [0, count)
  std::size_t count = 0;
};

[[nodiscard]] inline Clusters clusters_of(std::span<const std::int64_t> groups, std::size_t samples) {
  Clusters result{std::vector<std::size_t>(samples), samples};
  if (groups.empty()) {
    std::iota(result.of_sample.begin(), result.of_sample.end(), std::size_t{0});
    return result;
  }
  require_same_size("groups", groups.size(), samples);
  std::unordered_map<std::int64_t, std::size_t> known;
  for (std::size_t i = 0; i < samples; ++i) {
    result.of_sample[i] = known.try_emplace(groups[i], known.size()).first->second;
  }
  result.count = known.size();
  return result;
}

/// How often each cluster comes up when as many as there are get drawn with replacement.
[[nodiscard]] inline std::vector<double> drawn_times(std::size_t clusters, Rng rng) {
  std::vector<double> times(clusters, 0.0);
  for (std::size_t i = 0; i < clusters; ++i) times[rng.below(clusters)] += 1;
  return times;
}

inline void require_bootstrap(const BootstrapOptions& options) {
  if (options.replicates < 1) {
    throw InvalidArgument::out_of_range("replicates", std::to_string(options.replicates), "at least 1");
  }
  require_level(options.level);
}

/// Calls use(times) with the draws of each replicate. They depend on the seed and the number of clusters alone: what
/// is computed of the same clusters, in whatever call, is paired.
template <class Use>
void for_each_draw(std::size_t clusters, const BootstrapOptions& options, Use use) {
  require_bootstrap(options);
  for (int replicate = 0; replicate < options.replicates; ++replicate) {
    use(drawn_times(clusters, Rng::stream(options.seed, static_cast<std::uint64_t>(replicate))));
  }
}

/// Sums of some columns over each cluster: all that a replicate of a ratio of sums needs of the samples, so that it
/// costs clusters x columns, however many samples there are.
class ClusterSums {
 public:
  ClusterSums(std::size_t clusters, std::size_t columns) : columns_(columns), sums_(clusters * columns, 0.0) {}

  void add(std::size_t cluster, std::size_t column, double value) noexcept {
    sums_[cluster * columns_ + column] += value;
  }

  [[nodiscard]] double sum(std::size_t cluster, std::size_t column) const noexcept {
    return sums_[cluster * columns_ + column];
  }

  /// Of the samples themselves. [columns]
  [[nodiscard]] std::vector<double> totals() const {
    std::vector<double> result(columns_, 0.0);
    for (std::size_t i = 0; i < sums_.size(); ++i) result[i % columns_] += sums_[i];
    return result;
  }

  /// Of samples whose cluster was drawn `times[cluster]` times. [columns]
  [[nodiscard]] std::vector<double> totals(std::span<const double> times) const {
    std::vector<double> result(columns_, 0.0);
    for (std::size_t cluster = 0; cluster < times.size(); ++cluster) {
      if (times[cluster] == 0) continue;
      const double* const sums = sums_.data() + cluster * columns_;
      for (std::size_t column = 0; column < columns_; ++column) result[column] += times[cluster] * sums[column];
    }
    return result;
  }

 private:
  std::size_t columns_;
  std::vector<double> sums_;  // [clusters x columns]
};

}  // namespace detail

}  // namespace switchyard
