#include "switchyard/nn/plateau.hpp"

#include <catch2/catch.hpp>

#include <limits>
#include <vector>

namespace sy = switchyard;

namespace {

/// Epochs until the rule stops, 0 if it does not.
int epochs_until_stop(const std::vector<double>& losses, double tolerance, int patience) {
  sy::PlateauRule rule(tolerance, patience);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    rule.observe(losses[i]);
    if (rule.should_stop()) return static_cast<int>(i) + 1;
  }
  return 0;
}

}  // namespace

TEST_CASE("The plateau rule stops at the first bad epoch beyond its patience") {
  CHECK(epochs_until_stop({1, 1, 1, 1, 1}, 0.1, 3) == 5);  // one good, then four bad
  CHECK(epochs_until_stop({1, 1, 1, 1}, 0.1, 3) == 0);
  CHECK(epochs_until_stop({1, 1}, 0.1, 0) == 2);
}

TEST_CASE("A good epoch forgives all bad ones") {
  CHECK(epochs_until_stop({1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5}, 0.1, 2) == 7);
}

TEST_CASE("An improvement counts from the tolerance on, and smaller ones still move the mark") {
  CHECK(epochs_until_stop({1, 0.75, 0.5, 0.25}, 0.25, 0) == 0);     // exactly the tolerance each time
  CHECK(epochs_until_stop({1, 0.875, 0.75, 0.625}, 0.25, 2) == 4);  // half of it: never good, though far below 1
  CHECK(epochs_until_stop({1, 2, 0.9, 0.85, 0.7}, 0.125, 3) == 0);  // good again at 0.7 <= 0.85 - 0.125
}

TEST_CASE("With no tolerance an equal loss is not bad") { CHECK(epochs_until_stop({1, 1, 1, 1, 1.5}, 0, 0) == 5); }

TEST_CASE("observe tells the lowest loss so far") {
  sy::PlateauRule rule(0.5, 10);
  CHECK(rule.best() == std::numeric_limits<double>::infinity());
  CHECK(rule.observe(3));
  CHECK(rule.observe(2.9));
  CHECK_FALSE(rule.observe(2.9));
  CHECK_FALSE(rule.observe(4));
  CHECK(rule.best() == 2.9);
}
