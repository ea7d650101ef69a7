#include "switchyard/pipeline/embed.hpp"

#include "pipeline/asked_models.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

namespace sy = switchyard;

namespace {

std::vector<std::string> header_texts() {
  std::vector<std::string> texts;
  for (const auto name : sy::embedded_headers) {
    std::ifstream in(std::string(SWITCHYARD_SOURCE_DIR) + "/include/" + std::string(name), std::ios::binary);
    texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    REQUIRE(texts.back().size() > 200);
  }
  return texts;
}

std::string embedded(const sy::ModelFile& file, const std::string& name_space = "model") {
  return sy::embed_model(file, {.name_space = name_space, .headers = header_texts()});
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

// That a header compiles and answers as its model does is tests/cli/embed_test.sh's part.
TEST_CASE("an embedded model needs the standard library alone, and is guarded") {
  const std::string text = embedded(asked::boosted());
  CHECK(count(text, "#include \"") == 0);
  CHECK_FALSE(has(text, "#pragma"));
  CHECK_FALSE(has(text, "namespace switchyard"));
  CHECK(count(text, "#include <limits>") == 1);
  CHECK(has(text, "#ifndef SWITCHYARD_EMBEDDED_5model\n#define SWITCHYARD_EMBEDDED_5model\n"));
  // Two namespaces never share a guard, or one of their headers would be empty beside the other.
  CHECK(has(embedded(asked::boosted(), "a::b"), "#ifndef SWITCHYARD_EMBEDDED_1a1b\n"));
  CHECK(has(embedded(asked::boosted(), "a_in_b"), "#ifndef SWITCHYARD_EMBEDDED_6a_in_b\n"));
  CHECK(has(embedded(asked::boosted(), "a1b"), "#ifndef SWITCHYARD_EMBEDDED_3a1b\n"));
}

TEST_CASE("what an embedded model offers depends on its columns") {
  const auto boosted = asked::boosted();
  CHECK(has(embedded(boosted), "Platform decide(const Request& request, const Options&"));
  CHECK_FALSE(has(embedded(boosted), "LiveFeatures"));
  CHECK(has(embedded(asked::live_boosted()), "Platform decide(const Request& request, const LiveFeatures& live"));
  auto foreign = boosted;
  foreign.feature_columns[3] = "shoe \"size\"\n#error";
  const std::string text = embedded(foreign);
  CHECK_FALSE(has(text, "decide("));
  CHECK(has(text, "probability_of"));
  CHECK_FALSE(has(text, "\n#error"));
  CHECK(has(text, "\"shoe \\042size\\042\\012#error\""));
}

TEST_CASE("columns of a model saved alone are the requirements'") {
  auto file = asked::boosted();
  for (std::size_t i = 0; i < file.feature_columns.size(); ++i) {
    file.feature_columns[i] = "x";
    file.feature_columns[i] += std::to_string(i);
  }
  CHECK(embedded(file) == embedded(asked::boosted()));
}

TEST_CASE("a kind without a form as constants is refused, and so is voting that holds one") {
  const sy::HandRule rule({}, {}, 1, 2);
  CHECK_THROWS_WITH(embedded({rule, {"a", "b"}}), Catch::Contains("hand_rule cannot be embedded"));
  CHECK_THROWS_AS(embedded({sy::Voting({rule}), {"a", "b"}}), sy::InvalidArgument);
}

TEST_CASE("a namespace is a name of one's own") {
  const auto file = asked::boosted();
  for (const char* good : {"m", "model_2", "a::b::c", "Model"}) {
    INFO(good);
    CHECK_NOTHROW(embedded(file, good));
  }
  for (const char* bad : {"", "2m", "a-b", "a b", "class", "co_await", "std", "std::x", "switchyard", "a::", "::a",
                          "a:b", "a::::b", "_a", "a__b", "a::int", "a;}", "NULL", "ä"}) {
    INFO(bad);
    CHECK_THROWS_AS(embedded(file, bad), sy::InvalidArgument);
  }
  CHECK_THROWS_AS(sy::embed_model(file, {}), sy::InvalidArgument);
}

TEST_CASE("catalogue names become identifiers, no two alike") {
  CHECK(sy::detail::identifiers({"a-b", "a.b", "class", "2x", "x", "-y-", "other", "other", "a--_b"}) ==
        std::vector<std::string>{"a_b", "a_b_", "class_", "n2x", "x", "n_y_", "other", "other_", "a_b_n"});
  for (const auto& name : sy::detail::identifiers({"", "_", "a_", "a-", "a.", "__", "new", "new-"})) {
    INFO(name);
    CHECK(sy::detail::is_identifier(name));
  }
}

TEST_CASE("literals keep every bit and stay doubles") {
  CHECK(sy::detail::double_literal(3) == "3.0");
  CHECK(sy::detail::double_literal(-0.0) == "-0.0");
  CHECK(sy::detail::double_literal(0.1) == "0.1");
  CHECK(sy::detail::double_literal(1e300) == "1e+300");
  CHECK(has(sy::detail::double_literal(12345678901234567000.0), "."));
  CHECK(sy::detail::double_literal(-std::numeric_limits<double>::infinity()) ==
        "-std::numeric_limits<double>::infinity()");
}
