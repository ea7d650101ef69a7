// The rules, on the tree as it is.
#include "architecture/function_length.hpp"
#include "architecture/include_rules.hpp"
#include "architecture/text_rules.hpp"

#include <catch2/catch.hpp>

#include <filesystem>

namespace ar = architecture;

namespace {

const std::filesystem::path root = SWITCHYARD_SOURCE_DIR;

const std::vector<ar::SourceFile>& headers() {
  static const auto files = ar::read_tree(root / "include/switchyard");
  return files;
}

void check_none(const ar::Violations& violations) {
  for (const auto& violation : violations) FAIL_CHECK(violation);
  SUCCEED();
}

}  // namespace

TEST_CASE("the library is found") { REQUIRE(headers().size() > 10); }

TEST_CASE("includes of the library point down") { check_none(ar::level_violations(headers())); }

TEST_CASE("no header of the library includes itself") { check_none(ar::cycle_violations(headers())); }

TEST_CASE("machine learning and cloud are apart") { check_none(ar::separation_violations(headers())); }

TEST_CASE("third-party headers are fenced") { check_none(ar::fence_violations(headers())); }

TEST_CASE("the umbrella lists every header") { check_none(ar::umbrella_violations(headers())); }

TEST_CASE("the library prints nothing and reads nothing hidden") { check_none(ar::purity_violations(headers())); }

TEST_CASE("library files and functions are small") {
  check_none(ar::shape_violations(headers()));
  check_none(ar::function_violations(headers()));
}

TEST_CASE("other folders hold small files and functions too") {
  const std::string folder = GENERATE(as<std::string>{}, "tools", "bench", "examples");
  const auto files = ar::read_tree(root / folder);
  check_none(ar::shape_violations(files));
  check_none(ar::function_violations(files));
}
