#include "../../tools/row_writer.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace fs = std::filesystem;
namespace tools = switchyard::tools;

namespace {

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "switchyard-rows-XXXXXX").string();
    path = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

std::string contents(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("rows are in their files as soon as they are written") {
  const Folder folder;
  tools::RowWriter writer(folder.path / "new" / "deep");
  writer.write("a/one.jsonl", "1\n");
  writer.write("two.jsonl", "2\n");
  writer.write("a/one.jsonl", "3\n");
  CHECK(contents(folder.path / "new/deep/a/one.jsonl") == "1\n3\n");
  CHECK(contents(folder.path / "new/deep/two.jsonl") == "2\n");
}

TEST_CASE("rows follow those of an earlier run, and a torn row stays alone") {
  const Folder folder;
  std::ofstream(folder.path / "whole") << "1\n";
  std::ofstream(folder.path / "torn") << "1\n{\"a\":";
  tools::RowWriter writer(folder.path);
  writer.write("whole", "2\n");
  writer.write("torn", "2\n");
  CHECK(contents(folder.path / "whole") == "1\n2\n");
  CHECK(contents(folder.path / "torn") == "1\n{\"a\":\n2\n");
}

TEST_CASE("threads do not mix their rows") {
  const Folder folder;
  tools::RowWriter writer(folder.path);
  std::vector<std::thread> threads;
  for (char c = 'a'; c < 'e'; ++c) {
    threads.emplace_back([&writer, row = std::string(3000, c) + '\n'] {
      for (int i = 0; i < 50; ++i) writer.write("rows", row);
    });
  }
  for (auto& thread : threads) thread.join();
  std::ifstream file(folder.path / "rows");
  std::size_t rows = 0;
  for (std::string row; std::getline(file, row); ++rows) CHECK(row == std::string(3000, row.at(0)));
  CHECK(rows == 200);
}

TEST_CASE("a folder or file that cannot be written says which") {
  const Folder folder;
  std::ofstream(folder.path / "file") << "x";
  CHECK_THROWS_WITH(tools::RowWriter(folder.path / "file" / "below"), Catch::Contains("file/below"));
  tools::RowWriter writer(folder.path);
  fs::create_directory(folder.path / "taken");
  CHECK_THROWS_WITH(writer.write("taken", "1\n"), Catch::Contains("taken"));
}
