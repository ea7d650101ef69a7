#pragma once

#include <iostream>
#include <vector>

/// What the consumers do once they have included the library in their own way: learn that a feature above 0.5 means
/// class 1. Answers what main shall.
inline int learn() {
  namespace sy = switchyard;
  sy::Dataset data;
  data.features.resize(200, 1);
  for (sy::Index i = 0; i < 200; ++i) {
    data.features(i, 0) = static_cast<double>(i) / 199;
    data.labels.push_back(i < 100 ? 0 : 1);
  }
  data.feature_names = {"x"};
  const auto model = sy::GradientBoosting::fit(data, {.rounds = 40, .max_depth = 2, .seed = 42});
  const double low = model.probability(std::vector<double>{0.1});
  const double high = model.probability(std::vector<double>{0.9});
  std::cout << "P(1 | 0.1) = " << low << ", P(1 | 0.9) = " << high << '\n';
  return low < 0.1 && high > 0.9 ? 0 : 1;
}
