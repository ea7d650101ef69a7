#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/random.hpp"
#include "switchyard/core/statistics.hpp"
#include "switchyard/core/text.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/dataset.hpp"
#include "switchyard/data/split.hpp"
#include "switchyard/metric/classification.hpp"
#include "switchyard/model/classifier.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace switchyard {

struct PermutedLabelOptions {
  int permutations = 5;     // >= 2, so that their spread is known
  double tolerance = 0.02;  // in [0, 1); accuracy above the majority rate that is still taken for none
  double threshold = 0.5;   // 1 is predicted above
  std::uint64_t seed = 42;
};

/// One figure of the control over all permutations.
struct ControlFigure {
  std::vector<double> values = {};  // [permutations]
  double expected = 0;              // what a predictor without knowledge gets at most
  double mean = 0;
  double low = 0;             // least value
  double high = 0;            // greatest value
  double standard_error = 0;  // of the mean
};

/// Whether an evaluation finds skill where there is none.
struct PermutedLabelControl {
  ControlFigure accuracy = {};  // expected: the majority rate of the test labels
  ControlFigure balanced_accuracy =
      {};  // expected: one half; sees a leak that an uneven label rate hides from accuracy
  double tolerance = 0;
  bool passes = false;  // neither mean exceeds what is expected by more than the tolerance and three standard errors
};

namespace detail {

inline void require_permutations(const PermutedLabelOptions& options) {
  if (options.permutations < 2) {
    throw InvalidArgument::out_of_range("permutations", std::to_string(options.permutations), "at least 2");
  }
  if (!(options.tolerance >= 0 && options.tolerance < 1)) {
    throw InvalidArgument::out_of_range("tolerance", format_number(options.tolerance), "a number in [0, 1)");
  }
}

/// The labels of `rows` dealt out anew among them.
inline void permute_labels(std::span<const Index> rows, Labels& labels, Rng& rng) {
  Labels drawn;
  for (const Index row : rows) drawn.push_back(labels[static_cast<std::size_t>(row)]);
  rng.shuffle(std::span(drawn));
  for (std::size_t i = 0; i < rows.size(); ++i) labels[static_cast<std::size_t>(rows[i])] = drawn[i];
}

inline void summarise(ControlFigure& figure) {
  const auto [least, greatest] = std::minmax_element(figure.values.begin(), figure.values.end());
  figure.mean = mean(figure.values);
  figure.low = *least;
  figure.high = *greatest;
  figure.standard_error = standard_deviation(figure.values) / std::sqrt(static_cast<double>(figure.values.size()));
}

/// Three standard errors: with few large contexts a model of permuted labels is right or wrong on many rows at once, by
/// chance; a leak is there each time. NaN (one label alone in the test rows) is no evidence.
[[nodiscard]] inline bool shows_skill(const ControlFigure& figure, double tolerance) noexcept {
  return figure.mean - 3 * figure.standard_error > figure.expected + tolerance;
}

/// Runs `judge(Rng) -> Vector`, the probabilities of the test rows, once per permutation.
template <class Judge>
[[nodiscard]] PermutedLabelControl permuted_control(const Dataset& test, const PermutedLabelOptions& options,
                                                    Judge&& judge) {
  require_permutations(options);
  if (test.rows() == 0) throw InvalidArgument("a control with permuted labels needs test rows; there are none");
  PermutedLabelControl result;
  result.tolerance = options.tolerance;
  for (int permutation = 0; permutation < options.permutations; ++permutation) {
    const Vector probabilities = judge(Rng::stream(options.seed, static_cast<std::uint64_t>(permutation)));
    require_probabilities(probabilities, test.labels.size());
    const auto matrix = confusion_matrix(test.labels, labels_from(probabilities, options.threshold), test.weights);
    result.accuracy.values.push_back(accuracy(matrix));
    result.balanced_accuracy.values.push_back(balanced_accuracy(matrix));
    const double ones = ratio(matrix.true_positive + matrix.false_negative, matrix.total());
    result.accuracy.expected = std::max(ones, 1 - ones);
  }
  result.balanced_accuracy.expected = 0.5;
  summarise(result.accuracy);
  summarise(result.balanced_accuracy);
  result.passes =
      !shows_skill(result.accuracy, options.tolerance) && !shows_skill(result.balanced_accuracy, options.tolerance);
  return result;
}

}  // namespace detail

/// Control of a whole evaluation: labels of the training rows are permuted, everything is done again from there, and
/// the predictions are compared with the true test labels. What is learned from permuted labels is worth nothing, so
/// accuracy must fall to the majority rate; where it does not, the evaluation has seen what it is judged by. (Ojala &
/// Garriga, "Permutation tests for studying classifier performance", JMLR 11, 2010, their test 1.)
///
/// Labels are permuted over all training rows, and over all validation rows, not within contexts: within contexts each
/// would keep its label rate, a lookup table would lose nothing, and the control would find skill in every honest
/// model. Labels of all other rows stay true, purged rows too, so that a pipeline that reads them is found out.
///
/// `pipeline(const Dataset& data, const SplitRows& rows) -> Vector` gives the probabilities of rows.test, in order. It
/// must contain every step that sees a label: a feature computed from labels beforehand is beyond this control. Throws
/// InvalidArgument for options out of range, no test rows and probabilities that are none.
template <class Pipeline>
[[nodiscard]] PermutedLabelControl permuted_label_control(const Dataset& data, const SplitRows& rows,
                                                          Pipeline&& pipeline,
                                                          const PermutedLabelOptions& options = {}) {
  return detail::permuted_control(data.subset(rows.test), options, [&](Rng rng) -> Vector {
    Dataset permuted = data;
    detail::permute_labels(rows.train, permuted.labels, rng);
    detail::permute_labels(rows.validation, permuted.labels, rng);
    return pipeline(permuted, rows);
  });
}

/// The same for a learner alone: `fit(const Dataset& train) -> Classifier` gets the training rows with their labels
/// permuted.
template <class Fit>
[[nodiscard]] PermutedLabelControl permuted_label_control(const Dataset& train, const Dataset& test, Fit&& fit,
                                                          const PermutedLabelOptions& options = {}) {
  return detail::permuted_control(test, options, [&](Rng rng) -> Vector {
    Dataset permuted = train;
    rng.shuffle(std::span(permuted.labels));
    const Classifier auto model = fit(permuted);
    return model.predict_proba(test.features);
  });
}

/// One line: "with permuted labels: accuracy 0.652 (0.650 to 0.654 in 5 permutations), majority rate 0.654; ...:
/// passes".
[[nodiscard]] inline std::string to_string(const PermutedLabelControl& control) {
  const auto text = [](const ControlFigure& figure) {
    return format_fixed(figure.mean, 3) + " (" + format_fixed(figure.low, 3) + " to " + format_fixed(figure.high, 3) +
           " in " + std::to_string(figure.values.size()) + " permutations)";
  };
  return "with permuted labels: accuracy " + text(control.accuracy) + ", majority rate " +
         format_fixed(control.accuracy.expected, 3) + "; balanced accuracy " + text(control.balanced_accuracy) +
         ", without skill 0.500; tolerance " + format_fixed(control.tolerance, 3) +
         (control.passes ? ": passes" : ": FAILS, the evaluation sees what it is judged by");
}

}  // namespace switchyard
