#pragma once

#include "switchyard/core/large_vector.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/tree/bin_boundaries.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace switchyard {

/// How one feature's values fall into bins: bin b holds the values in (boundaries[b - 1], boundaries[b]], the last bin
/// everything above. Missing values have the bin after the last.
struct FeatureBins {
  std::vector<double> boundaries;  // ascending, at most 254

  [[nodiscard]] std::size_t bins() const noexcept { return boundaries.size() + 1; }
  [[nodiscard]] std::size_t missing_bin() const noexcept { return bins(); }

  [[nodiscard]] std::uint8_t bin_of(double value) const noexcept {
    if (std::isnan(value)) return static_cast<std::uint8_t>(missing_bin());
    return static_cast<std::uint8_t>(std::lower_bound(boundaries.begin(), boundaries.end(), value) -
                                     boundaries.begin());
  }

  /// A row is in bins 0 to `bin` iff its value <= this. The last bin's is the largest finite number, for the split that
  /// tells missing values from all others.
  [[nodiscard]] double threshold(std::size_t bin) const noexcept {
    return bin < boundaries.size() ? boundaries[bin] : std::numeric_limits<double>::max();
  }

  friend bool operator==(const FeatureBins&, const FeatureBins&) = default;
};

namespace detail {

/// FeatureBins::bin_of for many values: as many steps as the largest column needs, none of them a branch.
class BinFinder {
 public:
  explicit BinFinder(const FeatureBins& bins) : missing_(static_cast<std::uint8_t>(bins.missing_bin())) {
    step_ = std::bit_ceil(bins.boundaries.size() + 1) / 2;
    padded_.fill(std::numeric_limits<double>::infinity());
    std::copy(bins.boundaries.begin(), bins.boundaries.end(), padded_.begin());
  }

  [[nodiscard]] std::uint8_t operator()(double value) const noexcept {
    std::size_t below = 0;  // boundaries below the value
    for (std::size_t step = step_; step > 0; step /= 2) below += padded_[below + step - 1] < value ? step : 0;
    return std::isnan(value) ? missing_ : static_cast<std::uint8_t>(below);
  }

 private:
  std::array<double, 256> padded_{};
  std::size_t step_;
  std::uint8_t missing_;
};

}  // namespace detail

/// How bins lie in memory, a byte each.
enum class BinLayout : std::uint8_t {
  columns,  // feature by feature: for those who ask about a few
  words,    // in words of eight features, word by word: for those who ask about all
};

/// A training table as 8-bit bins: what split search reads instead of the numbers.
class BinnedMatrix {
 public:
  static constexpr std::size_t word_features = 8;

  /// max_bins: 2 to 255 bins per feature besides the one for missing values. Boundaries lie midway between neighbouring
  /// values, those of one row's weight (its count, never its class's weight) deciding where many values share a bin.
  BinnedMatrix(const Dataset& data, int max_bins, BinLayout layout, ThreadPool& pool)
      : BinnedMatrix(static_cast<std::size_t>(data.rows()), find_bins(data, static_cast<std::size_t>(max_bins), pool),
                     layout) {
    const std::vector<detail::BinFinder> finders(bins_.begin(), bins_.end());
    constexpr std::size_t block_rows = 1024;  // their numbers stay in the second-level cache
    pool.for_each_index((rows_ + block_rows - 1) / block_rows, [&](std::size_t block) {
      const std::size_t end = std::min(rows_, (block + 1) * block_rows);
      for (std::size_t feature = 0; feature < features(); ++feature) {
        const double* values = data.features.data() + feature;
        fill(feature, block * block_rows, end, [&](std::size_t i) { return finders[feature](values[i * features()]); });
      }
    });
  }

  /// Some of the rows of another, in the order given.
  BinnedMatrix(const BinnedMatrix& other, std::span<const Index> rows)
      : BinnedMatrix(rows.size(), other.bins_, other.layout()) {
    for (std::size_t feature = 0; feature < features(); ++feature) {
      other.with_bins_of(feature, [&](const auto& bin_of) {
        fill(feature, 0, rows_, [&](std::size_t i) { return bin_of(static_cast<std::size_t>(rows[i])); });
      });
    }
  }

  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }
  [[nodiscard]] std::size_t features() const noexcept { return bins_.size(); }
  [[nodiscard]] const FeatureBins& bins(std::size_t feature) const noexcept { return bins_[feature]; }
  [[nodiscard]] const std::vector<FeatureBins>& all_bins() const noexcept { return bins_; }

  [[nodiscard]] BinLayout layout() const noexcept { return layout_; }

  /// Calls body(bin_of), where bin_of(row) is the feature's bin of a row, in a way that suits the layout.
  template <class Body>
  void with_bins_of(std::size_t feature, const Body& body) const {
    if (layout_ == BinLayout::columns) {
      const std::uint8_t* const codes = codes_.data() + feature * rows_;
      return body([codes](std::size_t row) { return codes[row]; });
    }
    const std::uint64_t* const words = word(feature / word_features).data();
    const auto shift = static_cast<unsigned>(8 * (feature % word_features));
    body([words, shift](std::size_t row) { return static_cast<std::uint8_t>(words[row] >> shift); });
  }

  /// Number of words a row has.
  [[nodiscard]] std::size_t words() const noexcept { return (features() + word_features - 1) / word_features; }

  /// The bins of a row's features 8 `word` to 8 `word` + 7, the first in the lowest byte.
  [[nodiscard]] std::uint64_t word_of(std::size_t row, std::size_t word) const noexcept {
    if (layout_ == BinLayout::words) return words_[word * rows_ + row];
    const std::size_t first = word * word_features;
    std::uint64_t result = 0;
    for (std::size_t feature = std::min(first + word_features, features()); feature-- > first;) {
      result = (result << 8U) | codes_[feature * rows_ + row];
    }
    return result;
  }

  /// The same of all rows, where bins lie in words. [rows]
  [[nodiscard]] std::span<const std::uint64_t> word(std::size_t word) const noexcept {
    return {words_.data() + word * rows_, rows_};
  }

  /// Where a feature's bins begin when all features' bins, missing ones included, lie one after the other.
  [[nodiscard]] std::size_t offset(std::size_t feature) const noexcept { return offsets_[feature]; }
  [[nodiscard]] std::size_t total_bins() const noexcept { return offsets_.back(); }

 private:
  BinnedMatrix(std::size_t rows, std::vector<FeatureBins> bins, BinLayout layout)
      : rows_(rows), bins_(std::move(bins)), layout_(layout) {
    if (layout == BinLayout::columns)
      codes_.resize(rows_ * features());
    else
      words_.resize(rows_ * words());
    offsets_.reserve(features() + 1);
    offsets_.push_back(0);
    for (const auto& each : bins_) offsets_.push_back(offsets_.back() + each.bins() + 1);
  }

  [[nodiscard]] static std::vector<FeatureBins> find_bins(const Dataset& data, std::size_t max_bins, ThreadPool& pool) {
    const auto features = static_cast<std::size_t>(data.columns());
    const auto sort_rows = detail::rows_to_sort(static_cast<std::size_t>(data.rows()));
    std::vector<FeatureBins> bins(features);
    constexpr std::size_t task_features = 4;
    pool.for_each_index((features + task_features - 1) / task_features, [&](std::size_t task) {
      const std::size_t first = task * task_features;
      const std::size_t count = std::min(task_features, features - first);
      auto boundaries = detail::column_boundaries(data, first, count, max_bins, sort_rows);
      for (std::size_t j = 0; j < count; ++j) bins[first + j].boundaries = std::move(boundaries[j]);
    });
    return bins;
  }

  /// Writes the bins bin_of(row) of a feature for rows [begin, end), once.
  template <class BinOf>
  void fill(std::size_t feature, std::size_t begin, std::size_t end, const BinOf& bin_of) noexcept {
    if (layout_ == BinLayout::columns) {
      std::uint8_t* codes = codes_.data() + feature * rows_;
      for (std::size_t i = begin; i < end; ++i) codes[i] = bin_of(i);
      return;
    }
    std::uint64_t* words = words_.data() + feature / word_features * rows_;
    const auto shift = static_cast<unsigned>(8 * (feature % word_features));
    for (std::size_t i = begin; i < end; ++i) words[i] |= std::uint64_t{bin_of(i)} << shift;
  }

  std::size_t rows_;
  std::vector<FeatureBins> bins_;
  BinLayout layout_;
  LargeVector<std::uint8_t> codes_;   // [features x rows], or empty
  LargeVector<std::uint64_t> words_;  // [words x rows], or empty
  std::vector<std::size_t> offsets_;  // [features + 1]
};

}  // namespace switchyard
