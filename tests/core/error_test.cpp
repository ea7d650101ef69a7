#include "switchyard/core/error.hpp"

#include <catch2/catch.hpp>

namespace sy = switchyard;

TEST_CASE("a place says as much as is known") {
  CHECK(sy::to_string({"a.jsonl", 12, 3}) == "a.jsonl:12:3");
  CHECK(sy::to_string({"a.jsonl", 12, 0}) == "a.jsonl:12");
  CHECK(sy::to_string({"a.jsonl"}) == "a.jsonl");
}

TEST_CASE("messages name what was found, where, and what was expected") {
  const auto data = sy::DataError::bad_value({"d.csv", 7, 3}, "payload_size_kb", "abc", "a number");
  CHECK(std::string(data.what()) == "d.csv:7:3: payload_size_kb is 'abc'; expected a number");
  CHECK(data.place() == sy::Place{"d.csv", 7, 3});
  CHECK(std::string(sy::DataError::missing_field({"d.jsonl", 2}, "platform").what()) ==
        "d.jsonl:2: missing field platform");
  CHECK(std::string(sy::InvalidArgument::out_of_range("learning_rate", "-1", "a number in (0, 1]").what()) ==
        "learning_rate is -1; expected a number in (0, 1]");
  CHECK(std::string(sy::InvalidArgument::wrong_size("feature row", 3, 14).what()) ==
        "feature row has 3 values; expected 14");
  CHECK(std::string(sy::FileError::cannot_open("x.csv", "No such file").what()) == "cannot open x.csv: No such file");
  CHECK(std::string(sy::FileError::cannot_write("x.csv", "disk full").what()) == "cannot write x.csv: disk full");
  CHECK(std::string(sy::ModelFormatError("m.json", "not JSON").what()) == "model m.json: not JSON");
}

TEST_CASE("every error is an Error, and kinds can be told apart") {
  CHECK_THROWS_AS(throw sy::DataError({"f"}, "m"), sy::Error);
  CHECK_THROWS_AS(throw sy::InvalidArgument("m"), sy::Error);
  CHECK_THROWS_AS(throw sy::FileError("m"), sy::Error);
  CHECK_THROWS_AS(throw sy::ModelFormatError("m", "w"), sy::Error);
  static_assert(!std::is_base_of_v<sy::DataError, sy::FileError>);
}
