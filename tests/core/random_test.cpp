#include "switchyard/core/random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <set>
#include <span>
#include <vector>

namespace sy = switchyard;

TEST_CASE("the generator is xoshiro256++ seeded by SplitMix64") {
  // From a Python transcription of the authors' C (prng.di.unimi.it); seed 0 is also what Rust's rand_xoshiro gives.
  sy::Rng zero(0);
  CHECK(zero.next() == 0x53175d61490b23dfULL);
  CHECK(zero.next() == 0x61da6f3dc380d507ULL);
  CHECK(zero.next() == 0x5c0fdf91ec9a7bfcULL);
  sy::Rng answer(42);
  for (const std::uint64_t expected : {0xd0764d4f4476689fULL, 0x519e4174576f3791ULL, 0xfbe07cfb0c24ed8cULL,
                                       0xb37d9f600cd835b8ULL, 0xcb231c3874846a73ULL}) {
    CHECK(answer.next() == expected);
  }
  static_assert(sy::Rng(0).next() == 0x53175d61490b23dfULL);
}

TEST_CASE("uniform numbers take the upper 53 bits and stay in range") {
  CHECK(sy::Rng(0).uniform() == static_cast<double>(0x53175d61490b23dfULL >> 11U) / 9007199254740992.0);
  sy::Rng rng(1);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double value = rng.uniform(-2, 6);
    REQUIRE((value >= -2 && value < 6));
    sum += value;
  }
  CHECK(sum / 100'000 == Approx(2).margin(4 * 8 / std::sqrt(12.0 * 100'000)));  // four standard errors
}

TEST_CASE("integers below a bound are spread evenly") {
  sy::Rng rng(3);
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[rng.below(7)];
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 10'000.0) * (count - 10'000.0) / 10'000.0;
  CHECK(chi_square < 22.46);  // 0.999 quantile, 6 degrees of freedom
  CHECK(rng.below(1) == 0);
  const std::uint64_t huge = (std::uint64_t{1} << 63U) + 1;  // rejection is likely here
  for (int i = 0; i < 100; ++i) CHECK(rng.below(huge) < huge);
}

TEST_CASE("normal and exponential numbers have their moments") {
  sy::Rng rng(5);
  double sum = 0;
  double squares = 0;
  double fourth = 0;
  double exponential = 0;
  constexpr int n = 200'000;
  for (int i = 0; i < n; ++i) {
    const double z = rng.normal();
    sum += z;
    squares += z * z;
    fourth += z * z * z * z;
    exponential += rng.exponential(3);
  }
  CHECK(sum / n == Approx(0).margin(4 / std::sqrt(n)));
  CHECK(squares / n == Approx(1).margin(4 * std::sqrt(2.0 / n)));
  CHECK(fourth / n == Approx(3).margin(4 * std::sqrt(96.0 / n)));
  CHECK(exponential / n == Approx(3).margin(4 * 3 / std::sqrt(n)));
}

TEST_CASE("bernoulli hits its rate and its ends") {
  sy::Rng rng(7);
  int hits = 0;
  for (int i = 0; i < 50'000; ++i) {
    hits += rng.bernoulli(0.3) ? 1 : 0;
    REQUIRE_FALSE(rng.bernoulli(0));
    REQUIRE(rng.bernoulli(1));
  }
  CHECK(hits / 50'000.0 == Approx(0.3).margin(4 * std::sqrt(0.21 / 50'000)));
}

TEST_CASE("a shuffle gives every order its share") {
  std::array<int, 24> counts{};
  sy::Rng rng(9);
  for (int i = 0; i < 24'000; ++i) {
    std::array<int, 4> values{0, 1, 2, 3};
    rng.shuffle(std::span<int>(values));
    std::array<int, 4> order{0, 1, 2, 3};
    std::size_t rank = 0;
    while (order != values) {
      std::next_permutation(order.begin(), order.end());
      ++rank;
    }
    ++counts[rank];
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 1000.0) * (count - 1000.0) / 1000.0;
  CHECK(chi_square < 49.73);  // 0.999 quantile, 23 degrees of freedom
}

TEST_CASE("streams of a family repeat, and differ from each other and between seeds") {
  std::set<std::uint64_t> first;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (std::uint64_t index = 0; index < 50; ++index) {
      CHECK(sy::Rng::stream(seed, index).next() == sy::Rng::stream(seed, index).next());
      first.insert(sy::Rng::stream(seed, index).next());
    }
  }
  CHECK(first.size() == 1000);
}
