#pragma once

#include "switchyard/core/random.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

// Where bins end. A column with no more values than bins is known after one hash lookup per row; only the others are
// sorted, by radix, and from `sorted_rows` rows on only a sample of them: then boundaries are those of the sample's
// quantiles, some 0.1 % of the rows away from the exact ones. Neither depends on threads or on the fit's seed.
namespace switchyard::detail {

/// Columns with more values than bins are sorted whole up to this number of rows, else a sample of this size.
inline constexpr std::size_t sorted_rows = std::size_t{1} << 18U;

struct WeightedValue {
  double value = 0;
  double weight = 0;
};

/// A number m with low <= m < high, halfway where doubles allow it.
[[nodiscard]] inline double boundary_between(double low, double high) noexcept {
  const double middle = std::midpoint(low, high);
  return middle < high ? middle : low;
}

/// Up to `most` distinct numbers with the weight of their rows. Both zeros are one; the caller leaves NaN out.
class DistinctValues {
 public:
  explicit DistinctValues(std::size_t most) : most_(most) {}

  /// Whether more than `most` were added; what is held then means nothing.
  [[nodiscard]] bool overflowed() const noexcept { return values_.size() > most_; }

  void add(double value, double weight) {
    const double number = value == 0 ? 0.0 : value;
    std::size_t slot =
        static_cast<std::size_t>((std::bit_cast<std::uint64_t>(number) * 0x9E3779B97F4A7C15ULL) >> (64U - slot_bits));
    while (true) {
      const std::uint16_t known = slots_[slot];
      if (known == 0) break;
      if (values_[known - 1U].value == number) {
        values_[known - 1U].weight += weight;
        return;
      }
      slot = (slot + 1) % slots_.size();
    }
    values_.push_back({number, weight});
    slots_[slot] = static_cast<std::uint16_t>(values_.size());
  }

  /// Ascending.
  [[nodiscard]] std::vector<WeightedValue> sorted() && {
    std::sort(values_.begin(), values_.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
    return std::move(values_);
  }

 private:
  static constexpr unsigned slot_bits = 10;  // four slots per value keep the chains short

  std::size_t most_;                                                // at most 255
  std::array<std::uint16_t, std::size_t{1} << slot_bits> slots_{};  // 1 + index into values_; 0 = empty
  std::vector<WeightedValue> values_;
};

/// Bits that compare as the numbers do, and back.
[[nodiscard]] inline std::uint64_t ordered_bits(double value) noexcept {
  const auto bits = std::bit_cast<std::uint64_t>(value == 0 ? 0.0 : value);
  return (bits >> 63U) != 0 ? ~bits : bits | (std::uint64_t{1} << 63U);
}
[[nodiscard]] inline double from_ordered_bits(std::uint64_t bits) noexcept {
  return std::bit_cast<double>((bits >> 63U) != 0 ? bits & ~(std::uint64_t{1} << 63U) : ~bits);
}

/// Sorts by key, equal keys in their old order (least significant digit first; digits all share are skipped).
template <class Item, class Key>
void radix_sort(std::vector<Item>& items, const Key& key) {
  constexpr unsigned digit_bits = 11;
  constexpr unsigned digits = 6;
  constexpr std::size_t values = std::size_t{1} << digit_bits;
  const auto digit = [&](const Item& item, unsigned d) { return (key(item) >> (d * digit_bits)) & (values - 1); };
  std::vector<std::array<std::size_t, values>> counts(digits);
  for (const Item& item : items) {
    for (unsigned d = 0; d < digits; ++d) ++counts[d][digit(item, d)];
  }
  std::vector<Item> other(items.size());
  for (unsigned d = 0; d < digits; ++d) {
    if (std::find(counts[d].begin(), counts[d].end(), items.size()) != counts[d].end()) continue;
    std::exclusive_scan(counts[d].begin(), counts[d].end(), counts[d].begin(), std::size_t{0});
    for (const Item& item : items) other[counts[d][digit(item, d)]++] = item;
    items.swap(other);
  }
}

/// Which rows are sorted: all, or one from each of `sorted_rows` equal stretches.
[[nodiscard]] inline std::vector<std::uint32_t> rows_to_sort(std::size_t rows) {
  std::vector<std::uint32_t> result(std::min(rows, sorted_rows));
  if (rows <= sorted_rows) {
    std::iota(result.begin(), result.end(), 0U);
    return result;
  }
  Rng random(0);
  for (std::size_t i = 0; i < sorted_rows; ++i) {
    const std::size_t begin = i * rows / sorted_rows;
    const std::size_t end = (i + 1) * rows / sorted_rows;
    result[i] = static_cast<std::uint32_t>(begin + random.below(end - begin));
  }
  return result;
}

/// Decides where one bin ends and the next begins when there are more values than bins. As in LightGBM, a value heavier
/// than an equal share has a bin of its own, and the others share the bins that are left.
class BinFiller {
 public:
  /// for_each_value(visit) calls visit(WeightedValue) for each distinct value, ascending.
  template <class ForEachValue>
  BinFiller(const ForEachValue& for_each_value, std::size_t max_bins) : bins_left_(max_bins) {
    double total = 0;
    for_each_value([&](const WeightedValue& each) { total += each.weight; });
    heavy_ = total / static_cast<double>(max_bins);
    for_each_value([&](const WeightedValue& each) {
      if (is_heavy(each.weight))
        ++heavy_left_;
      else
        light_left_ += each.weight;
    });
  }

  /// Adds the next value; true if it begins a new bin.
  [[nodiscard]] bool add(double weight) {
    const bool heavy = is_heavy(weight);
    const bool begins = filled_ > 0 && bins_left_ > 1 && (heavy || last_was_heavy_ || filled_ + weight / 2 > target());
    if (begins) close();
    filled_ += weight;
    last_was_heavy_ = heavy;
    return begins;
  }

 private:
  [[nodiscard]] bool is_heavy(double weight) const noexcept { return weight >= heavy_; }

  [[nodiscard]] double target() const noexcept {
    const std::size_t shared = bins_left_ > heavy_left_ ? bins_left_ - heavy_left_ : 1;
    return light_left_ / static_cast<double>(shared);
  }

  void close() noexcept {
    if (last_was_heavy_)
      --heavy_left_;
    else
      light_left_ -= filled_;
    filled_ = 0;
    --bins_left_;
  }

  std::size_t bins_left_;  // the one being filled included
  double heavy_ = 0;
  std::size_t heavy_left_ = 0;
  double light_left_ = 0;  // weight of the values that share bins, from the bin being filled on
  double filled_ = 0;
  bool last_was_heavy_ = false;
};

/// Boundaries of at most `max_bins` bins: one per value if there are no more, else of about equal weight.
/// for_each_value: see BinFiller.
template <class ForEachValue>
[[nodiscard]] std::vector<double> boundaries_of(const ForEachValue& for_each_value, std::size_t max_bins) {
  std::size_t values = 0;
  for_each_value([&](const WeightedValue&) { ++values; });
  const bool one_bin_per_value = values <= max_bins;
  std::vector<double> result;
  BinFiller filler(for_each_value, max_bins);
  bool is_first = true;
  double last = 0;
  for_each_value([&](const WeightedValue& each) {
    const bool begins = one_bin_per_value ? !is_first : filler.add(each.weight);
    if (begins) result.push_back(boundary_between(last, each.value));
    last = each.value;
    is_first = false;
  });
  return result;
}

/// Boundaries by sorted items, whose neighbours of one key are one value: nothing else is held for a row.
template <class Item, class Key, class Weight>
[[nodiscard]] std::vector<double> boundaries_of_sorted(const std::vector<Item>& items, const Key& key,
                                                       const Weight& weight, std::size_t max_bins) {
  const auto for_each_value = [&](const auto& visit) {
    for (std::size_t i = 0; i < items.size();) {
      WeightedValue next{from_ordered_bits(key(items[i])), 0};
      for (const std::uint64_t bits = key(items[i]); i < items.size() && key(items[i]) == bits; ++i) {
        next.weight += weight(items[i]);
      }
      visit(next);
    }
  };
  return boundaries_of(for_each_value, max_bins);
}

/// Boundaries by the values of some rows of a column; missing ones left out.
[[nodiscard]] inline std::vector<double> boundaries_by_sorting(const Dataset& data, Index column, std::size_t max_bins,
                                                               std::span<const std::uint32_t> rows) {
  if (data.weights.empty()) {
    std::vector<std::uint64_t> keys;
    keys.reserve(rows.size());
    for (const std::uint32_t row : rows) {
      const double value = data.features(row, column);
      if (!std::isnan(value)) keys.push_back(ordered_bits(value));
    }
    const auto itself = [](std::uint64_t item) { return item; };
    radix_sort(keys, itself);
    return boundaries_of_sorted(
        keys, itself, [](std::uint64_t) { return 1.0; }, max_bins);
  }
  std::vector<std::pair<std::uint64_t, double>> keys;
  keys.reserve(rows.size());
  for (const std::uint32_t row : rows) {
    const double value = data.features(row, column);
    if (!std::isnan(value)) keys.emplace_back(ordered_bits(value), data.weights[row]);
  }
  const auto key = [](const auto& item) { return item.first; };
  radix_sort(keys, key);
  return boundaries_of_sorted(
      keys, key, [](const auto& item) { return item.second; }, max_bins);
}

/// Boundaries of `count` neighbouring columns from `first` on, whose rows lie in the same cache lines. [count]
[[nodiscard]] inline std::vector<std::vector<double>> column_boundaries(const Dataset& data, std::size_t first,
                                                                        std::size_t count, std::size_t max_bins,
                                                                        std::span<const std::uint32_t> sort_rows) {
  std::vector<DistinctValues> distinct(count, DistinctValues(max_bins));
  std::vector<std::size_t> few(count);  // columns that have not overflowed
  std::iota(few.begin(), few.end(), std::size_t{0});
  for (Index i = 0; i < data.rows() && !few.empty(); ++i) {
    const double* row = data.features.data() + i * data.columns() + first;
    const double weight = data.weight(i);
    for (std::size_t j = 0; j < few.size(); ++j) {
      const std::size_t column = few[j];
      if (std::isnan(row[column])) continue;
      distinct[column].add(row[column], weight);
      if (distinct[column].overflowed()) few.erase(few.begin() + static_cast<std::ptrdiff_t>(j--));
    }
  }
  std::vector<std::vector<double>> result(count);
  for (std::size_t j = 0; j < count; ++j) {
    if (distinct[j].overflowed()) {
      result[j] = boundaries_by_sorting(data, static_cast<Index>(first + j), max_bins, sort_rows);
      continue;
    }
    const std::vector<WeightedValue> values = std::move(distinct[j]).sorted();
    const auto for_each_value = [&](const auto& visit) { std::for_each(values.begin(), values.end(), visit); };
    result[j] = boundaries_of(for_each_value, max_bins);
  }
  return result;
}

}  // namespace switchyard::detail
