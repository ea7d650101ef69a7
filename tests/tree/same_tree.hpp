#pragma once

#include "switchyard/tree/tree.hpp"

#include <catch2/catch.hpp>

#include <cstddef>

/// Checks that two trees have the same splits, exactly, and the same numbers up to rounding.
inline void check_same(const switchyard::Tree& found, const switchyard::Tree& expected) {
  REQUIRE(found.nodes.size() == expected.nodes.size());
  for (std::size_t i = 0; i < found.nodes.size(); ++i) {
    const auto& a = found.nodes[i];
    const auto& b = expected.nodes[i];
    CAPTURE(i);
    REQUIRE(a.feature == b.feature);
    REQUIRE(a.left == b.left);
    REQUIRE(a.right == b.right);
    REQUIRE(a.default_left == b.default_left);
    REQUIRE(a.threshold == b.threshold);
    REQUIRE(a.value == Approx(b.value).epsilon(1e-9).margin(1e-9));
    REQUIRE(a.cover == Approx(b.cover).epsilon(1e-12));
    REQUIRE(a.gain == Approx(b.gain).epsilon(1e-8).margin(1e-9));
  }
}
