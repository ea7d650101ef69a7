#pragma once

#include <limits>

namespace switchyard {

/// When to stop: after more than `patience` epochs in a row whose loss was not at least `tolerance` below the best so
/// far (scikit-learn's rule: `patience` + 1 such epochs). For a score to maximise, show its negative.
class PlateauRule {
 public:
  PlateauRule(double tolerance, int patience) noexcept : tolerance_(tolerance), patience_(patience) {}

  /// Shows the loss of one more epoch; true if it is the lowest so far, by however little.
  bool observe(double loss) noexcept {
    if (loss > best_ - tolerance_) {
      ++bad_epochs_;
    } else {
      bad_epochs_ = 0;
    }
    if (!(loss < best_)) return false;
    best_ = loss;
    return true;
  }

  [[nodiscard]] bool should_stop() const noexcept { return bad_epochs_ > patience_; }
  [[nodiscard]] double best() const noexcept { return best_; }

 private:
  double tolerance_;
  int patience_;
  int bad_epochs_ = 0;
  double best_ = std::numeric_limits<double>::infinity();
};

}  // namespace switchyard
