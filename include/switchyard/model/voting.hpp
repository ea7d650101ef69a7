#pragma once

#include "switchyard/core/elementary.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/classifier.hpp"

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard {

/// Soft voting: the probability is the weighted mean of the members' probabilities.
class Voting {
 public:
  static constexpr std::string_view kind = "voting";

  /// members: one or more, of the same number of features. weights: [members], >= 0 with a positive sum; empty = all 1.
  /// Throws InvalidArgument.
  explicit Voting(std::vector<AnyClassifier> members, std::vector<double> weights = {})
      : members_(std::move(members)), weights_(std::move(weights)) {
    if (members_.empty()) throw InvalidArgument("voting has no members; expected 1 or more");
    for (const AnyClassifier& member : members_) {
      if (member.features() != features()) {
        throw InvalidArgument::wrong_size("feature row of a voting member", static_cast<std::size_t>(member.features()),
                                          static_cast<std::size_t>(features()));
      }
    }
    if (weights_.empty()) weights_.assign(members_.size(), 1.0);
    if (weights_.size() != members_.size()) {
      throw InvalidArgument::wrong_size("voting weights", weights_.size(), members_.size());
    }
    for (const double weight : weights_) {
      if (!(weight >= 0) || !std::isfinite(weight)) {
        throw InvalidArgument::out_of_range("voting weight", std::to_string(weight), "0 or more");
      }
      total_weight_ += weight;
    }
    if (!(total_weight_ > 0) || !std::isfinite(total_weight_)) {
      throw InvalidArgument::out_of_range("sum of voting weights", std::to_string(total_weight_), "a positive number");
    }
  }

  [[nodiscard]] const std::vector<AnyClassifier>& members() const noexcept { return members_; }
  /// [members]
  [[nodiscard]] const std::vector<double>& weights() const noexcept { return weights_; }

  [[nodiscard]] Index features() const { return members_.front().features(); }

  [[nodiscard]] double probability(RowView row) const {
    double sum = 0;
    for (std::size_t m = 0; m < members_.size(); ++m) {
      sum += rounded_product(weights_[m], members_[m].probability(row));
    }
    return sum / total_weight_;
  }

  /// Member by member, so that each answers in its own fast batch form; the sums are those of `probability`.
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    detail::require_columns(rows.cols(), features());
    Vector result = Vector::Zero(rows.rows());
    for (std::size_t m = 0; m < members_.size(); ++m) {
      const Vector probabilities = members_[m].predict_proba(rows);
      for (Index i = 0; i < rows.rows(); ++i) {
        result[i] += rounded_product(weights_[m], probabilities[i]);
      }
    }
    return result / total_weight_;
  }

  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  friend bool operator==(const Voting& a, const Voting& b) {
    return a.members_ == b.members_ && a.weights_ == b.weights_;
  }

 private:
  std::vector<AnyClassifier> members_;
  std::vector<double> weights_;
  double total_weight_ = 0;
};

static_assert(Classifier<Voting>);

}  // namespace switchyard
