#pragma once

#include "switchyard/cloud/catalogue.hpp"
#include "switchyard/cloud/live_state.hpp"
#include "switchyard/cloud/workload.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/pipeline/features.hpp"
#include "switchyard/pipeline/live_features.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// Everything that can be known when a request is to be routed: its own features, then the platforms' state.
inline constexpr std::size_t known_features = requirement_feature_names.size() + live_feature_names.size();

using KnownFeatures = std::array<double, known_features>;

/// Position of a column in what can be known: [0, known_features); nothing for any other name.
[[nodiscard]] inline std::optional<std::size_t> known_feature(std::string_view column) noexcept {
  const auto own = std::find(requirement_feature_names.begin(), requirement_feature_names.end(), column);
  const auto position = static_cast<std::size_t>(own - requirement_feature_names.begin());
  if (own != requirement_feature_names.end()) return position;
  const auto live = std::find(live_feature_names.begin(), live_feature_names.end(), column);
  if (live == live_feature_names.end()) return std::nullopt;
  return position + static_cast<std::size_t>(live - live_feature_names.begin());
}

/// Whether a column tells of the platforms' state: such a one may be missing from a finished row.
[[nodiscard]] inline bool is_live_feature(std::string_view column) noexcept {
  return std::find(live_feature_names.begin(), live_feature_names.end(), column) != live_feature_names.end();
}

/// Where a model's columns are found in what can be known: names are looked up once, not per decision.
class FeatureColumns {
 public:
  /// Throws InvalidArgument if a column must be there twice.
  explicit FeatureColumns(const std::vector<std::string>& columns) {
    for (const std::string& column : columns) {
      const auto source = known_feature(column);
      if (!source && !foreign_) foreign_ = column;
      sources_.push_back(source.value_or(0));
      is_live_ = is_live_ || is_live_feature(column);
    }
    if (!foreign_ && size() > known_features) throw InvalidArgument("a model's column is named twice");
  }

  [[nodiscard]] std::size_t size() const noexcept { return sources_.size(); }

  /// The first column that nobody can know before a request runs; nothing if there is none.
  [[nodiscard]] const std::optional<std::string>& foreign() const noexcept { return foreign_; }

  /// Whether the model asks for the platforms' state.
  [[nodiscard]] bool is_live() const noexcept { return is_live_; }

  /// A request's row, in the first size() values; without a reading the live columns are NaN, as anything that is not
  /// known. Ask only if no column is foreign.
  [[nodiscard]] KnownFeatures row(const Request& request, const Catalogue& catalogue,
                                  const LiveReading* reading) const noexcept {
    const RequirementFeatures own = requirement_features(request, catalogue);
    if (!is_live_) return picked(own);
    KnownFeatures known;
    auto* const live = std::copy(own.begin(), own.end(), known.begin());
    if (reading != nullptr) {
      const LiveFeatures features = live_features(*reading);
      std::copy(features.begin(), features.end(), live);
    } else {
      std::fill(live, known.end(), std::numeric_limits<double>::quiet_NaN());
    }
    return picked(known);
  }

 private:
  /// The model's columns, in its order, of a row that has them all.
  template <std::size_t size>
  [[nodiscard]] KnownFeatures picked(const std::array<double, size>& known) const noexcept {
    KnownFeatures row;
    for (std::size_t i = 0; i < sources_.size(); ++i) row[i] = known[sources_[i]];
    return row;
  }

  std::vector<std::size_t> sources_;  // [columns]; what known_feature says
  std::optional<std::string> foreign_;
  bool is_live_ = false;
};

}  // namespace switchyard
