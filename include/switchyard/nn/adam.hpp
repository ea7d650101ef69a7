#pragma once

#include "switchyard/core/types.hpp"

#include <algorithm>
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
    const double t = static_cast<double>(steps_);
    const double rate =
        options_.learning_rate * std::sqrt(1 - std::pow(options_.beta2, t)) / (1 - std::pow(options_.beta1, t));
    constexpr Index chunk = 512;  // of which all four vectors stay in the first-level cache
    for (Index begin = 0; begin < parameters.size(); begin += chunk) {
      const Index count = std::min(chunk, parameters.size() - begin);
      step(begin, VectorMap(parameters.data() + begin, count), ConstVectorMap(gradient.data() + begin, count), rate);
    }
  }

 private:
  void step(Index begin, VectorMap parameters, const ConstVectorMap& gradient, double rate) {
    VectorMap mean(first_moment_.data() + begin, gradient.size());
    VectorMap square(second_moment_.data() + begin, gradient.size());
    mean = options_.beta1 * mean + (1 - options_.beta1) * gradient;
    square = options_.beta2 * square + (1 - options_.beta2) * gradient.cwiseAbs2();
    parameters.array() -= rate * mean.array() / (square.array().sqrt() + options_.epsilon);
  }

  AdamOptions options_;
  Vector first_moment_;
  Vector second_moment_;
  long steps_ = 0;
};

}  // namespace switchyard
