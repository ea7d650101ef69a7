#include "switchyard/model/mlp.hpp"

#include "missing.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sy = switchyard;

namespace {

/// Label 1 where both coordinates have the same sign: no linear model does better than chance.
sy::Dataset same_sign(sy::Index rows, std::uint64_t seed) {
  sy::Dataset data;
  data.features.resize(rows, 2);
  data.feature_names = {"x", "y"};
  sy::Rng rng(seed);
  for (sy::Index i = 0; i < rows; ++i) {
    data.features.row(i) << rng.uniform(-3, 5), rng.uniform(-30, 50);
    data.labels.push_back((data.features(i, 0) > 1) == (data.features(i, 1) > 10) ? 1 : 0);
  }
  return data;
}

double accuracy(const sy::Mlp& model, const sy::Dataset& data) {
  const sy::Labels predicted = model.predict(data.features);
  double right = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) right += predicted[i] == data.labels[i] ? 1 : 0;
  return right / static_cast<double>(predicted.size());
}

bool same_bits(double a, double b) { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }

}  // namespace

TEST_CASE("A network by hand: scaling, missing values, ReLU and the logistic output") {
  // h = relu([x' * 1 + m * 5 + 1, -x' + 0.5]), logit = 2 h0 - h1 + 0.25, x' = (x - 10) / 2, m = 1 if x is missing
  sy::MlpParameters parameters;
  parameters.scaler = {.mean = {10}, .scale = {2}};
  parameters.indicators = {0};
  parameters.layers.push_back({(sy::Matrix(2, 2) << 1, -1, 5, 0).finished(), (sy::Vector(2) << 1, 0.5).finished()});
  parameters.layers.push_back({(sy::Matrix(2, 1) << 2, -1).finished(), sy::Vector::Constant(1, 0.25)});
  const sy::Mlp model(parameters);
  CHECK(model.features() == 1);
  CHECK(model.margin(std::vector{12.0}) == 4.25);      // x' = 1:  h = (2, 0)
  CHECK(model.margin(std::vector{4.0}) == -3.25);      // x' = -3: h = (0, 3.5)
  CHECK(model.margin(std::vector{missing}) == 11.75);  // x' = 0:  h = (6, 0.5)
  CHECK(model.probability(std::vector{12.0}) == Approx(1 / (1 + std::exp(-4.25))).epsilon(1e-15));
  CHECK_THROWS_AS(model.probability(std::vector{1.0, 2.0}), sy::InvalidArgument);
}

TEST_CASE("The scaler folded into the first layer answers as the scaler before it, far from standard values too") {
  sy::Rng rng(5);
  const sy::MlpParameters standard = sy::Mlp::fit(same_sign(200, 4), {.hidden = {8, 4}, .max_epochs = 20}).parameters();
  for (const double mean : {0.0, 1e3, 1.7e9}) {
    for (const double scale : {1e-6, 3.0, 1e12}) {
      sy::MlpParameters moved = standard;
      moved.scaler = {.mean = {mean, -mean}, .scale = {scale, 2 * scale}};
      const sy::Mlp model(moved);
      for (int i = 0; i < 50; ++i) {
        const std::vector<double> row = {mean + scale * rng.normal(), -mean + scale * rng.normal()};
        // As the formula reads: scale, then multiply.
        std::vector<double> values = {moved.scaler.transform(0, row[0]), moved.scaler.transform(1, row[1])};
        for (std::size_t l = 0; l < moved.layers.size(); ++l) {
          std::vector<double> next(static_cast<std::size_t>(moved.layers[l].outputs()));
          moved.layers[l].forward(values, next);
          for (double& value : next) value = l + 1 < moved.layers.size() ? std::max(value, 0.0) : value;
          values = next;
        }
        REQUIRE(model.margin(row) == Approx(values[0]).epsilon(1e-12).margin(1e-12));
      }
    }
  }
}

TEST_CASE("A network learns what no linear model can") {
  const sy::Dataset train = same_sign(2000, 1);
  const sy::Dataset test = same_sign(1000, 2);
  const sy::MlpOptions options{.hidden = {16, 8}, .learning_rate = 0.01, .max_epochs = 60};
  CHECK(accuracy(sy::Mlp::fit(train, options), test) > 0.96);
  auto linear = options;
  linear.hidden = {};
  CHECK(accuracy(sy::Mlp::fit(train, linear), test) < 0.65);
}

TEST_CASE("Training stops as scikit-learn's does, judged by its own loss curve") {
  const sy::Dataset train = same_sign(300, 3);
  std::vector<double> losses;
  const auto record = [&](int epoch, double loss) {
    losses.push_back(loss);
    CHECK(epoch == static_cast<int>(losses.size()));
  };
  const sy::MlpOptions options{
      .hidden = {8}, .learning_rate = 0.02, .max_epochs = 400, .tolerance = 2e-3, .patience = 4};
  static_cast<void>(sy::Mlp::fit(train, options, record));
  double best = std::numeric_limits<double>::infinity();
  int count = 0;
  std::size_t expected = 0;
  while (expected < losses.size() && count <= options.patience) {
    count = losses[expected] > best - options.tolerance ? count + 1 : 0;
    best = std::min(best, losses[expected]);
    ++expected;
  }
  CHECK(count == options.patience + 1);
  CHECK(losses.size() == expected);
  CHECK(losses.size() < 400);

  losses.clear();
  auto few = options;
  few.max_epochs = 3;
  static_cast<void>(sy::Mlp::fit(train, few, record));
  CHECK(losses.size() == 3);
}

TEST_CASE("One row and many give the same bits, fits are reproducible and depend on the seed") {
  sy::Dataset train = same_sign(500, 4);
  for (sy::Index i = 0; i < 500; i += 7) train.features(i, i % 2) = missing;
  const sy::MlpOptions options{.hidden = {9, 5}, .max_epochs = 4};
  const sy::Mlp model = sy::Mlp::fit(train, options);
  const sy::Vector batch = model.predict_proba(train.features);
  const sy::Vector part = model.predict_proba(train.features.middleRows(100, 3));
  for (sy::Index i = 0; i < train.rows(); ++i) REQUIRE(same_bits(batch[i], model.probability(train.row(i))));
  for (sy::Index i = 0; i < 3; ++i) CHECK(same_bits(part[i], batch[100 + i]));
  CHECK(model == sy::Mlp::fit(train, options));
  auto other = options;
  for (const int threads : {1, 2, 3}) {
    other.threads = threads;
    CHECK(model == sy::Mlp::fit(train, other));
  }
  other.seed = 43;
  CHECK_FALSE(model == sy::Mlp::fit(train, other));
}

TEST_CASE("A weight is a repeated row, and positive_weight a weight on label 1") {
  sy::Dataset few = same_sign(30, 5);
  std::vector<sy::Index> repeated;
  for (sy::Index i = 0; i < 30; ++i) {
    few.weights.push_back(static_cast<double>(1 + i % 3));
    for (sy::Index copy = 0; copy <= i % 3; ++copy) repeated.push_back(i);
  }
  sy::Dataset many = few;
  many.weights.clear();
  many = many.subset(repeated);
  // One batch of all rows: their order cannot matter but for rounding.
  const sy::MlpOptions options{
      .hidden = {6}, .learning_rate = 0.01, .alpha = 0.5, .batch_size = 1000, .max_epochs = 40};
  const sy::Vector weighted = sy::Mlp::fit(few, options).predict_proba(few.features);
  const sy::Vector copied = sy::Mlp::fit(many, options).predict_proba(few.features);
  CHECK(weighted.isApprox(copied, 1e-9));
  const auto unweighted = [&] {
    auto data = few;
    data.weights.clear();
    return data;
  }();
  CHECK_FALSE(weighted.isApprox(sy::Mlp::fit(unweighted, options).predict_proba(few.features), 1e-3));

  auto heavy = options;
  heavy.positive_weight = 4;
  sy::Dataset by_label = unweighted;
  for (const auto label : by_label.labels) by_label.weights.push_back(label == 1 ? 4 : 1);
  sy::MlpParameters a = sy::Mlp::fit(unweighted, heavy).parameters();
  sy::MlpParameters b = sy::Mlp::fit(by_label, options).parameters();
  CHECK_FALSE(a.scaler == b.scaler);  // weights describe the data, positive_weight only the loss
  CHECK(sy::Mlp::fit(unweighted, heavy).predict_proba(few.features).mean() >
        sy::Mlp::fit(unweighted, options).predict_proba(few.features).mean() + 0.1);
}

TEST_CASE("Missing values become the training mean, with an indicator where training had them") {
  sy::Dataset train = same_sign(400, 6);
  for (sy::Index i = 0; i < 400; ++i) {
    if (i % 2 == 0) train.features(i, 0) = missing;
    train.labels[static_cast<std::size_t>(i)] = i % 2 == 0 ? 1 : 0;  // only the indicator tells
  }
  const sy::Mlp model = sy::Mlp::fit(train, {.hidden = {8}, .learning_rate = 0.02, .max_epochs = 60});
  CHECK(model.parameters().indicators == std::vector<sy::Index>{0});
  CHECK(accuracy(model, train) > 0.99);
  const double mean = model.parameters().scaler.mean[1];
  CHECK(same_bits(model.margin(std::vector{1.0, missing}), model.margin(std::vector{1.0, mean})));
}

TEST_CASE("Early stopping keeps the epoch that judged best on rows it did not learn from") {
  sy::Dataset train = same_sign(240, 7);
  sy::Rng noise(1);
  for (auto& label : train.labels) label = noise.bernoulli(0.2) ? static_cast<std::uint8_t>(1 - label) : label;
  for (sy::Index i = 0; i < 240; ++i) train.groups.push_back(i / 4);
  const sy::MlpOptions options{.hidden = {12},
                               .learning_rate = 0.02,
                               .batch_size = 20,
                               .max_epochs = 100,
                               .patience = 8,
                               .early_stopping = true,
                               .validation_fraction = 0.25};
  auto rows = sy::detail::mlp_rows(train, options);
  CHECK(rows.training.size() + rows.validation.size() == 240);
  CHECK(rows.validation.size() == Approx(60).margin(8));
  for (const sy::Index a : rows.validation) {
    for (const sy::Index b : rows.training) REQUIRE(a / 4 != b / 4);
  }
  int epochs = 0;
  const sy::Mlp model = sy::Mlp::fit(train, options, [&](int epoch, double) { epochs = epoch; });

  const sy::Matrix inputs = model.parameters().scaler.transform(train.features);
  const std::vector<double> labels(train.labels.begin(), train.labels.end());
  const std::vector<double> weights(240, 1.0);
  sy::MinibatchTraining training(sy::dense_shapes(2, options.hidden), {.learning_rate = 0.02}, options.alpha, 20,
                                 sy::Rng(options.seed));
  double best = -1;
  int best_epoch = 0;
  sy::Vector kept;
  for (int epoch = 1; epoch <= epochs; ++epoch) {
    training.run_epoch({inputs, labels, weights}, rows.training);
    const double judged = training.accuracy({inputs, labels, weights}, rows.validation);
    if (judged > best) {
      best = judged;
      best_epoch = epoch;
      kept = training.parameters();
    }
  }
  CHECK(best_epoch < epochs);
  CHECK(epochs < 100);
  CHECK(model.parameters().layers == sy::dense_layers(kept, training.shapes()));
}

TEST_CASE("Options and data out of range are refused by name") {
  const sy::Dataset train = same_sign(20, 8);
  const auto refused = [&](auto change, const std::string& name) {
    sy::MlpOptions options;
    options.max_epochs = 1;
    change(options);
    CHECK_THROWS_WITH(sy::Mlp::fit(train, options), Catch::Contains(name));
    CHECK_THROWS_AS(sy::Mlp::fit(train, options), sy::InvalidArgument);
  };
  refused([](auto& o) { o.hidden = {4, 0}; }, "hidden is 0");
  refused([](auto& o) { o.learning_rate = 0; }, "learning_rate");
  refused([](auto& o) { o.learning_rate = missing; }, "learning_rate");
  refused([](auto& o) { o.beta1 = 1; }, "beta1");
  refused([](auto& o) { o.beta2 = -0.1; }, "beta2");
  refused([](auto& o) { o.epsilon = 0; }, "epsilon");
  refused([](auto& o) { o.alpha = -1; }, "alpha");
  refused([](auto& o) { o.batch_size = 0; }, "batch_size");
  refused([](auto& o) { o.max_epochs = 0; }, "max_epochs");
  refused([](auto& o) { o.tolerance = -1; }, "tolerance");
  refused([](auto& o) { o.patience = -1; }, "patience");
  refused([](auto& o) { o.validation_fraction = 1; }, "validation_fraction");
  refused([](auto& o) { o.positive_weight = 0; }, "positive_weight");
  refused([](auto& o) { o.threads = -1; }, "threads");
  refused([](auto& o) { o.early_stopping = true, o.validation_fraction = 1e-9; }, "validation_fraction");
  CHECK_THROWS_AS(sy::Mlp::fit(sy::Dataset{}, {}), sy::InvalidArgument);
}

TEST_CASE("A loss that runs away is an error, not a model") {
  CHECK_THROWS_WITH(sy::Mlp::fit(same_sign(50, 9), {.learning_rate = 1e300}), Catch::Contains("learning_rate below"));
}

TEST_CASE("Parameters that do not fit together are refused") {
  const sy::MlpParameters good = sy::Mlp::fit(same_sign(20, 10), {.hidden = {3}, .max_epochs = 1}).parameters();
  const auto refused = [&](auto change) {
    auto parameters = good;
    change(parameters);
    CHECK_THROWS_AS(sy::Mlp(parameters), sy::InvalidArgument);
  };
  refused([](auto& p) { p.layers.clear(); });
  refused([](auto& p) { p.layers.pop_back(); });
  refused([](auto& p) { p.layers[0].bias.resize(2); });
  refused([](auto& p) { p.layers[1].weights.resize(2, 1); });
  refused([](auto& p) { p.scaler.scale.pop_back(); });
  refused([](auto& p) { p.scaler.scale[1] = 5e-324, p.layers[0].weights(1, 0) = 1; });
  refused([](auto& p) { p.indicators = {0}; });
  refused([](auto& p) { p.indicators = {2}; });
}
