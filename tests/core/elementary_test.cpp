#include "switchyard/core/elementary.hpp"

#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace sy = switchyard;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// By how many units in the last place a value misses what a wider type says.
double ulps(double found, long double truth) {
  const double nearest = std::abs(static_cast<double>(truth));
  const double unit = std::nextafter(nearest, infinity) - nearest;
  return static_cast<double>(std::abs(static_cast<long double>(found) - truth) / static_cast<long double>(unit));
}

/// The wider type must be wider to be an oracle; else the C library is one to its own unit.
constexpr double slack = LDBL_MANT_DIG > DBL_MANT_DIG ? 0 : 1;

/// Uniform in +-2^exponent by whole numbers only, so that every compiler draws the same.
double draw_within(sy::Rng& rng, int exponent) {
  const auto whole = static_cast<double>(static_cast<std::int64_t>(rng.below(std::uint64_t{1} << 53U)));
  const double centred = whole - 0x1p52;
  return std::ldexp(centred, exponent - 52);
}

struct Worst {
  double ulps = 0;
  double at = 0;

  void note(double error, double x) {
    if (!(error <= ulps)) *this = {error, x};
  }
};

void add_bits(std::uint64_t& sum, double value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  sum = (sum ^ bits) * 0x100000001b3U;  // FNV's prime
}

}  // namespace

TEST_CASE("exp is within 0.54 units in the last place") {
  sy::Rng rng(1);
  Worst normal;
  Worst subnormal;
  for (int i = 0; i < 1'000'000; ++i) {
    const double x = i % 2 == 0 ? 0.73 * draw_within(rng, 10) : draw_within(rng, i / 2 % 60 - 56);
    if (x > 709.78 || x < -745) continue;
    (x > -708.39 ? normal : subnormal).note(ulps(sy::portable_exp(x), std::exp(static_cast<long double>(x))), x);
  }
  INFO(normal.at << " " << subnormal.at);
  CHECK(normal.ulps <= 0.54 + slack);
  CHECK(subnormal.ulps <= 0.77 + slack);
  CHECK(subnormal.ulps > 0);
}

TEST_CASE("log1p is within 0.86 units in the last place") {
  sy::Rng rng(2);
  Worst worst;
  for (int i = 0; i < 1'000'000; ++i) {
    double x = draw_within(rng, i / 4 % 80 - 60);
    if (i % 4 == 0) x = -std::abs(draw_within(rng, 0));
    if (i % 4 == 1) x = std::abs(draw_within(rng, static_cast<int>(rng.below(1000))));
    if (i % 4 == 2) x = draw_within(rng, -1);
    if (x <= -1) continue;
    worst.note(ulps(sy::portable_log1p(x), std::log1p(static_cast<long double>(x))), x);
  }
  INFO(worst.at);
  CHECK(worst.ulps <= 0.86 + slack);
}

TEST_CASE("logistic is within 2 units in the last place") {
  sy::Rng rng(3);
  Worst worst;
  for (int i = 0; i < 300'000; ++i) {
    const double z = draw_within(rng, i % 12 - 2);
    if (z < -700) continue;
    worst.note(ulps(sy::logistic(z), 1 / (1 + std::exp(-static_cast<long double>(z)))), z);
  }
  INFO(worst.at);
  CHECK(worst.ulps <= 2 + slack);
}

TEST_CASE("the borders of exp") {
  CHECK(sy::portable_exp(0.0) == 1);
  CHECK(sy::portable_exp(-0.0) == 1);
  CHECK(sy::portable_exp(1.0) == 0x1.5bf0a8b145769p+1);
  CHECK(sy::portable_exp(0x1p-60) == 1);
  CHECK(sy::portable_exp(infinity) == infinity);
  CHECK(sy::portable_exp(-infinity) == 0);
  CHECK(std::isnan(sy::portable_exp(std::nan(""))));
  const double largest = 0x1.62e42fefa39efp+9;  // log of the largest double, rounded down
  CHECK(sy::portable_exp(largest) == Approx(DBL_MAX).epsilon(1e-12));
  CHECK(sy::portable_exp(std::nextafter(largest, infinity)) == infinity);
  CHECK(sy::portable_exp(DBL_MAX) == infinity);
  const double smallest = -0x1.74910d52d3051p+9;  // half the smallest subnormal is rounded up to it
  CHECK(sy::portable_exp(smallest) == std::numeric_limits<double>::denorm_min());
  CHECK(sy::portable_exp(std::nextafter(smallest, -infinity)) == 0);
  CHECK(sy::portable_exp(-DBL_MAX) == 0);
  for (const double border : {690.0, -690.0, -708.4}) {  // another way of scaling on either side
    for (const double x : {std::nextafter(border, -infinity), border, std::nextafter(border, infinity)}) {
      CHECK(ulps(sy::portable_exp(x), std::exp(static_cast<long double>(x))) <= 0.77 + slack);
    }
  }
}

TEST_CASE("the borders of log1p") {
  CHECK(sy::portable_log1p(0.0) == 0);
  CHECK(std::signbit(sy::portable_log1p(-0.0)));
  CHECK_FALSE(std::signbit(sy::portable_log1p(0.0)));
  CHECK(sy::portable_log1p(1.0) == 0x1.62e42fefa39efp-1);
  CHECK(sy::portable_log1p(-1.0) == -infinity);
  CHECK(sy::portable_log1p(infinity) == infinity);
  CHECK(std::isnan(sy::portable_log1p(std::nextafter(-1.0, -2.0))));
  CHECK(std::isnan(sy::portable_log1p(-infinity)));
  CHECK(std::isnan(sy::portable_log1p(std::nan(""))));
  CHECK(sy::portable_log1p(DBL_MAX) == Approx(std::log(DBL_MAX)).epsilon(1e-15));
  CHECK(sy::portable_log1p(DBL_MIN / 8) == DBL_MIN / 8);
  CHECK(sy::portable_log1p(-0x1p-60) == -0x1p-60);
}

TEST_CASE("the borders of logistic") {
  CHECK(sy::logistic(0) == 0.5);
  CHECK(sy::logistic(infinity) == 1);
  CHECK(sy::logistic(-infinity) == 0);
  CHECK(sy::logistic(-709.5) > 0);
  CHECK(sy::logistic(-720) == 0);
  CHECK(std::isnan(sy::logistic(std::nan(""))));
}

// The bits themselves, over a million arguments: what no compiler, option or processor may change.
TEST_CASE("the same bits everywhere") {
  sy::Rng rng(4);
  std::uint64_t sum = 0;
  for (int i = 0; i < 300'000; ++i) {
    const double x = draw_within(rng, i % 70 - 59);
    add_bits(sum, sy::portable_exp(x));
    add_bits(sum, sy::portable_log1p(std::abs(x)));
    add_bits(sum, sy::logistic(x));
  }
  CHECK(sum == 0x8c8417bdc0710bea);
}

TEST_CASE("a constant expression has the bits of the run") {
  constexpr double arguments[] = {-745.1, -700, -3.25, -1e-9, 0, 0.3, 1, 17.5, 709.7};
  constexpr double results[] = {
      sy::portable_exp(arguments[0]),   sy::portable_exp(arguments[1]),   sy::logistic(arguments[2]),
      sy::portable_log1p(arguments[3]), sy::portable_log1p(arguments[4]), sy::portable_log1p(arguments[5]),
      sy::logistic(arguments[6]),       sy::portable_log1p(arguments[7]), sy::portable_exp(arguments[8])};
  volatile double x[9];
  for (int i = 0; i < 9; ++i) x[i] = arguments[i];
  CHECK(sy::portable_exp(x[0]) == results[0]);
  CHECK(sy::portable_exp(x[1]) == results[1]);
  CHECK(sy::logistic(x[2]) == results[2]);
  CHECK(sy::portable_log1p(x[3]) == results[3]);
  CHECK(sy::portable_log1p(x[4]) == results[4]);
  CHECK(sy::portable_log1p(x[5]) == results[5]);
  CHECK(sy::logistic(x[6]) == results[6]);
  CHECK(sy::portable_log1p(x[7]) == results[7]);
  CHECK(sy::portable_exp(x[8]) == results[8]);
}
