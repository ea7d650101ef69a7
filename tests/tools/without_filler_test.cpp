#include "../../tools/without_filler.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

namespace tools = switchyard::tools;

TEST_CASE("long strings are emptied, all else stays") {
  const std::string filler(5000, 'x');
  const auto lean = tools::without_filler(R"({"a":")" + filler + R"(","b":{"c":"short","d":[1,"y"]}})");
  CHECK(lean.text == R"({"a":"","b":{"c":"short","d":[1,"y"]}})");
  CHECK(lean.removed_bytes == 5000);
  CHECK(tools::without_filler(R"({"a":1})").text == R"({"a":1})");
}

TEST_CASE("broken texts stay broken and valid ones valid") {
  const std::string filler(5000, 'x');
  const std::string whole = R"({"request_id":"r","payload":")" + filler + R"("})";
  CHECK(nlohmann::json::accept(tools::without_filler(whole).text));
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{5}, std::size_t{29}, std::size_t{40}, whole.size() - 2, whole.size() - 1}) {
    INFO(length);
    CHECK_FALSE(nlohmann::json::accept(tools::without_filler(whole.substr(0, length)).text));
  }
}

TEST_CASE("a text with escapes is left as it is") {
  const std::string text = R"({"a":"\")" + std::string(5000, 'x') + R"("})";
  CHECK(tools::without_filler(text).text == text);
  CHECK(tools::without_filler(text).removed_bytes == 0);
}
