// The rules themselves, on small made-up trees: a checker that lets everything pass must fail here.
#include "architecture/function_length.hpp"
#include "architecture/include_rules.hpp"
#include "architecture/text_rules.hpp"

#include <catch2/catch.hpp>

namespace ar = architecture;

namespace {

std::vector<ar::SourceFile> one(const std::string& path, const std::string& text) {
  return {ar::source_file(path, text)};
}

std::string including(const std::string& name) { return "#pragma once\n#include \"switchyard/" + name + "\"\n"; }

}  // namespace

TEST_CASE("comments and quoted words are not code") {
  const auto file = ar::source_file("a.hpp", "f(\"// x\"); // y\n/* a\nb */ g('\\'', 1'000);\n");
  REQUIRE(file.code.size() == 3);
  CHECK(file.code[0] == "f(\"\"); ");
  CHECK(file.code[1].empty());
  CHECK(file.code[2] == " g('', 1'000);");
}

TEST_CASE("includes point down") {
  CHECK(ar::level_violations(one("model/a.hpp", including("tree/tree.hpp"))).empty());
  CHECK(ar::level_violations(one("model/a.hpp", including("model/b.hpp"))).empty());
  CHECK(ar::level_violations(one("model/a.hpp", including("version.hpp"))).empty());
  CHECK(ar::level_violations(one("tree/a.hpp", including("model/b.hpp"))).size() == 1);
  CHECK(ar::level_violations(one("data/a.hpp", including("metric/b.hpp"))).size() == 1);
  CHECK(ar::level_violations(one("core/a.hpp", including("switchyard.hpp"))).size() == 1);
  CHECK(ar::level_violations(one("core/a.hpp", "#include \"types.hpp\"\n")).size() == 2);
  CHECK(ar::level_violations(one("misc/a.hpp", "")).size() == 1);
}

TEST_CASE("cycles are found at any length") {
  const std::vector<ar::SourceFile> chain = {ar::source_file("core/a.hpp", including("core/b.hpp")),
                                             ar::source_file("core/b.hpp", including("core/c.hpp")),
                                             ar::source_file("core/c.hpp", "")};
  CHECK(ar::cycle_violations(chain).empty());
  auto ring = chain;
  ring[2] = ar::source_file("core/c.hpp", including("core/a.hpp"));
  CHECK(ar::cycle_violations(ring).size() == 3);
  CHECK(ar::cycle_violations(one("core/a.hpp", including("core/a.hpp"))).size() == 1);
}

TEST_CASE("learning and cloud meet in pipeline only") {
  const auto tree_with = [](const std::string& path) {
    return std::vector<ar::SourceFile>{
        ar::source_file("cloud/cost.hpp", ""), ar::source_file("tree/tree.hpp", ""),
        ar::source_file("io/first.hpp", including("cloud/cost.hpp")),
        ar::source_file(path, including("io/first.hpp") + "#include \"switchyard/tree/tree.hpp\"\n")};
  };
  CHECK(ar::separation_violations(tree_with("pipeline/both.hpp")).empty());
  CHECK(ar::separation_violations(tree_with("io/both.hpp")).size() == 1);
  CHECK(ar::separation_violations(
            {ar::source_file("cloud/cost.hpp", ""), ar::source_file("model/forest.hpp", including("cloud/cost.hpp"))})
            .size() == 1);
}

TEST_CASE("libraries stay behind their fences") {
  CHECK(ar::fence_violations(one("core/types.hpp", "#include <Eigen/Core>\n")).empty());
  CHECK(ar::fence_violations(one("io/jsonl.hpp", "#include <nlohmann/json.hpp>\n")).empty());
  CHECK(ar::fence_violations(one("nn/dense.hpp", "#include <Eigen/Dense>\n")).size() == 1);
  CHECK(ar::fence_violations(one("cloud/cost.hpp", "#include <nlohmann/json.hpp>\n")).size() == 1);
  CHECK(ar::fence_violations(one("pipeline/router.hpp", "#include <httplib.h>\n")).size() == 1);
  CHECK(ar::fence_violations(one("io/jsonl.hpp", "#include <CLI/App.hpp>\n#include <openssl/sha.h>\n")).size() == 2);
}

TEST_CASE("the umbrella is complete, ordered and empty of code") {
  const auto with_umbrella = [](const std::string& text) {
    return std::vector<ar::SourceFile>{ar::source_file("core/a.hpp", ""), ar::source_file("model/b.hpp", ""),
                                       ar::source_file("switchyard.hpp", text)};
  };
  const std::string a = "#include \"switchyard/core/a.hpp\"\n";
  const std::string b = "#include \"switchyard/model/b.hpp\"\n";
  CHECK(ar::umbrella_violations(with_umbrella("#pragma once\n// Words.\n" + a + b)).empty());
  CHECK(ar::umbrella_violations(with_umbrella(a)).size() == 1);
  CHECK(ar::umbrella_violations(with_umbrella(b + a)).size() == 1);
  CHECK(ar::umbrella_violations(with_umbrella(a + a + b)).size() == 1);
  CHECK(ar::umbrella_violations(with_umbrella(a + b + "#include \"switchyard/model/gone.hpp\"\n")).size() == 1);
  CHECK(ar::umbrella_violations(with_umbrella(a + b + "int x;\n")).size() == 1);
  CHECK(ar::umbrella_violations(one("core/a.hpp", "")).size() == 1);
}

TEST_CASE("what the library must not do is recognised") {
  const std::string bad =
      GENERATE(as<std::string>{},  //
               "  std::cerr << 1;", "  printf(\"x\");", "#include <iostream>", "  std::exit(1);", "  abort();",
               "  assert(x > 0);", "  const auto t = std::chrono::steady_clock::now();",
               "  const auto t = std::time(nullptr);", "  std::getenv(\"HOME\");", "  std::setlocale(LC_ALL, \"\");",
               "  std::ostringstream out;", "  std::stod(text);", "  strtod(text, &end);", "  std::random_device seed;",
               "  std::normal_distribution<> d;", "inline int calls = 0;", "static std::map<int, int> cache;",
               "thread_local int x;", "inline std::atomic<int> seen{0};", "  std::snprintf(b, n, \"%.17g\", x);");
  INFO(bad);
  CHECK_FALSE(ar::purity_violations(one("core/a.hpp", bad + "\n")).empty());
}

TEST_CASE("what looks alike is let through") {
  const std::string good = GENERATE(
      as<std::string>{},  //
      "  local_time(now);", "  std::snprintf(b, n, \"%04d-%02d\", y, m);", "  // prints with printf(\"%g\")?",
      "  const std::string text = \"std::cout\";", "inline constexpr int limit = 3;",
      "inline const char* const name = x;", "inline int twice(int x) { return 2 * x; }", "static inline_buffer x",
      "  entropy(labels);", "  [[nodiscard]] double completion_time(0.0);", "  brand(x);");
  INFO(good);
  CHECK(ar::purity_violations(one("core/a.hpp", good + "\n")).empty());
}

TEST_CASE("shape: length, pragma once, rulers and promises") {
  std::string text = "#pragma once\n";
  for (int i = 1; i < 500; ++i) text += "\n";
  CHECK(ar::shape_violations(one("core/a.hpp", text)).empty());
  CHECK(ar::shape_violations(one("core/a.hpp", text + "\n")).size() == 1);
  CHECK(ar::shape_violations(one("core/a.hpp", "// late\n#pragma once\n")).size() == 1);
  CHECK(ar::shape_violations(one("a_test.cpp", "// first words\n")).empty());
  CHECK(ar::shape_violations(one("a_test.cpp", "// ---- section ----\n")).size() == 1);
  CHECK(ar::shape_violations(one("a_test.cpp", "f();  // TODO\n")).size() == 1);
}

TEST_CASE("functions are measured, not classes") {
  const std::string lines(60, '\n');
  CHECK(ar::function_violations(one("a.hpp", "namespace n {\nvoid f() {" + lines + "}\n}\n")).size() == 1);
  CHECK(ar::function_violations(one("a.hpp", "namespace n {\nstruct S {" + lines + "};\n}\n")).empty());
  CHECK(ar::function_violations(one("a.hpp", "struct S {\n  int f(int x) const {" + lines + "}\n};\n")).size() == 1);
  CHECK(ar::function_violations(one("a.hpp", "void f() {}\n" + lines + "void g() {}\n")).empty());
  const auto bodies =
      ar::function_bodies(ar::source_file("a.hpp", "int f() {\n  if (x) {\n  }\n}\nint g() { return 1; }\n"));
  REQUIRE(bodies.size() == 2);
  CHECK(bodies[0].lines() == 4);
  CHECK(bodies[1].lines() == 1);
}
