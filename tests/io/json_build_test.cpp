#include "switchyard/io/json_build.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace sy = switchyard;

TEST_CASE("fields become what nlohmann::json makes of the same values") {
  const std::string text = "a \"b\"";
  const std::vector<double> numbers = {1, 2.5};
  const nlohmann::json inner = {{"x", 1}};
  const nlohmann::json built = sy::json_object({{"yes", true},
                                                {"int", -1},
                                                {"large", std::numeric_limits<std::int64_t>::min()},
                                                {"largest", std::numeric_limits<std::uint64_t>::max()},
                                                {"double", 1.0},
                                                {"literal", "text"},
                                                {"view", std::string_view("view")},
                                                {"string", text},
                                                {"list", numbers},
                                                {"names", std::vector<std::string>{"a", "b"}},
                                                {"none", std::vector<int>{}},
                                                {"inner", inner},
                                                {"null", nlohmann::json(nullptr)}});
  const nlohmann::json expected = {{"yes", true},
                                   {"int", -1},
                                   {"large", std::numeric_limits<std::int64_t>::min()},
                                   {"largest", std::numeric_limits<std::uint64_t>::max()},
                                   {"double", 1.0},
                                   {"literal", "text"},
                                   {"view", "view"},
                                   {"string", text},
                                   {"list", numbers},
                                   {"names", {"a", "b"}},
                                   {"none", nlohmann::json::array()},
                                   {"inner", inner},
                                   {"null", nullptr}};
  CHECK(built.dump() == expected.dump());
  CHECK(inner.dump() == R"({"x":1})");  // copied, not moved from
  CHECK(text == "a \"b\"");
}

TEST_CASE("no fields are an object still, and two texts are an array and not a field") {
  CHECK(sy::json_object({}).dump() == "{}");
  CHECK(sy::json_array({}).dump() == "[]");
  CHECK(sy::json_array({"a", "b"}).dump() == R"(["a","b"])");
  CHECK(sy::json_array({1, 2.0, nlohmann::json(nullptr)}).dump() == "[1,2.0,null]");
}
