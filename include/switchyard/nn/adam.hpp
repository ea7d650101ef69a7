#pragma once

#include "switchyard/core/types.hpp"

#include <cmath>

namespace switchyard {

/// Settings of Adam, with the defaults of its paper.
struct AdamOptions {
  double learning_rate = 1e-3;  // > 0
  double beta1 = 0.9;           // [0, 1)
  double beta2 = 0.999;         // [0, 1)
  double epsilon = 1e-8;        // > 0
};

/// Kingma & Ba, "Adam: A Method for Stochastic Optimization", 2015, in the form at the end of its section 2 (the bias
/// corrections of both moments folded into the step size, epsilon outside of them), as in scikit-learn.
class Adam {
 public:
  Adam(Index parameters, const AdamOptions& options)
      : options_(options), first_moment_(Vector::Zero(parameters)), second_moment_(Vector::Zero(parameters)) {}

  /// Moves the parameters one step against the gradient. Both: [parameters]
  void step(Vector& parameters, const Vector& gradient) {
    ++steps_;
    const double b1 = options_.beta1;
    const double b2 = options_.beta2;
    first_moment_ = b1 * first_moment_ + (1 - b1) * gradient;
    second_moment_ = b2 * second_moment_ + (1 - b2) * gradient.cwiseAbs2();
    const double t = static_cast<double>(steps_);
    const double rate = options_.learning_rate * std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t));
    parameters.array() -= rate * first_moment_.array() / (second_moment_.array().sqrt() + options_.epsilon);
  }

 private:
  AdamOptions options_;
  Vector first_moment_;
  Vector second_moment_;
  long steps_ = 0;
};

}  // namespace switchyard
