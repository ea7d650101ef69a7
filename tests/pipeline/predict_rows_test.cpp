#include "switchyard/pipeline/predict_rows.hpp"

#include "switchyard/data/csv.hpp"

#include "pipeline/asked_models.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstring>
#include <sstream>

namespace sy = switchyard;

namespace {

std::vector<sy::FeatureRow> rows_of(const std::string& text, sy::RowFormat format, const sy::FeatureSchema& schema) {
  std::istringstream input(text);
  std::vector<sy::FeatureRow> rows;
  sy::for_each_feature_row(input, "in", format, schema, [&](const sy::FeatureRow& row) { rows.push_back(row); });
  return rows;
}

std::string error_of(const std::string& text, sy::RowFormat format) {
  auto file = asked::boosted();
  file.feature_columns.resize(3);  // workload_type_encoded, payload_size_kb, hour_of_day
  file.ranges.clear();
  try {
    (void)rows_of(text, format, sy::FeatureSchema(file));
  } catch (const sy::DataError& error) {
    return error.what();
  }
  return "none";
}

bool same_bits(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) ? !std::isnan(b[i]) : std::memcmp(&a[i], &b[i], sizeof(double)) != 0) return false;
  }
  return a.size() == b.size();
}

}  // namespace

TEST_CASE("rows survive CSV and JSONL, whatever the columns' order and company") {
  const sy::FeatureSchema schema(asked::boosted());
  sy::Rng draw(5);
  std::vector<sy::FeatureRow> rows;
  std::ostringstream csv;
  std::string jsonl;
  sy::CsvWriter writer(csv);
  writer.cell(std::string_view("note"));
  for (std::size_t c = 14; c-- > 0;) writer.cell(schema.columns()[c]);
  writer.end_row();
  for (int i = 0; i < 200; ++i) {
    rows.push_back(schema.row_of(asked::random_request(draw)));
    writer.cell(std::string_view("a \"quoted\",\nnote"));
    jsonl += R"({"note":"x")";
    for (std::size_t c = 14; c-- > 0;) {
      const double value = rows.back().values[c];
      writer.cell(value);
      jsonl += ",\"" + schema.columns()[c] + "\":" + (std::isnan(value) ? "null" : sy::format_number(value));
    }
    writer.end_row();
    jsonl += "}\n";
  }
  for (const auto& read :
       {rows_of(csv.str(), sy::RowFormat::csv, schema), rows_of(jsonl, sy::RowFormat::jsonl, schema)}) {
    REQUIRE(read.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      REQUIRE(same_bits(read[i].values, rows[i].values));
      REQUIRE(same_bits({read[i].payload_kb}, {rows[i].payload_kb}));
    }
  }
}

TEST_CASE("the size decides even where the model does not ask for it") {
  auto file = asked::boosted();
  file.feature_columns = {"hour_of_day"};
  file.ranges.clear();
  const sy::FeatureSchema schema(file);
  CHECK(rows_of("payload_size_kb,hour_of_day\n7000,3\n", sy::RowFormat::csv, schema)[0].payload_kb == 7000);
  CHECK(std::isnan(rows_of("hour_of_day\n3\n", sy::RowFormat::csv, schema)[0].payload_kb));
  CHECK(
      rows_of(R"({"features":{"payload_size_kb":7000,"hour_of_day":3}})", sy::RowFormat::jsonl, schema)[0].payload_kb ==
      7000);
}

TEST_CASE("live columns that a table does not have are missing values") {
  auto file = asked::live_boosted();
  file.feature_columns = {"live_log_latency_ratio", "hour_of_day", "live_ecs_in_flight"};
  file.ranges.clear();
  const sy::FeatureSchema schema(file);
  const double none = std::nan("");
  const auto csv = [&](const std::string& text) { return rows_of(text, sy::RowFormat::csv, schema)[0].values; };
  CHECK(same_bits(csv("live_ecs_in_flight,hour_of_day,live_log_latency_ratio\n7,3,0.5\n"), {0.5, 3, 7}));
  CHECK(same_bits(csv("hour_of_day\n3\n"), {none, 3, none}));
  CHECK(same_bits(csv("hour_of_day,live_ecs_in_flight\n3,\n"), {none, 3, none}));
  CHECK_THROWS_WITH(csv("live_ecs_in_flight\n3\n"), Catch::Contains("missing column hour_of_day"));
  const auto jsonl = [&](const std::string& text) { return rows_of(text, sy::RowFormat::jsonl, schema)[0].values; };
  CHECK(same_bits(jsonl(R"({"hour_of_day":3,"live_ecs_in_flight":7})"), {none, 3, 7}));
  CHECK(same_bits(jsonl(R"({"features":{"hour_of_day":3,"live_ecs_in_flight":null}})"), {none, 3, none}));
  const auto request = jsonl(R"({"workload_type":"heavy_processing","payload_size_kb":1,"timestamp":10800000})");
  CHECK(same_bits(request, {none, 3, none}));
}

TEST_CASE("the format is told by the name, else by the first byte") {
  const auto format = [](const char* name, const char* text) {
    std::istringstream input(text);
    return sy::row_format_of(name, input);
  };
  CHECK(format("a.csv", "{") == sy::RowFormat::csv);
  CHECK(format("a.jsonl", "a,b") == sy::RowFormat::jsonl);
  CHECK(format("-", "{\"a\":1}") == sy::RowFormat::jsonl);
  CHECK(format("-", "a,b") == sy::RowFormat::csv);
  CHECK(format("-", "") == sy::RowFormat::csv);
}

TEST_CASE("a bad row is told by its place and field") {
  using Catch::Contains;
  const std::string header = "workload_type_encoded,x,payload_size_kb,hour_of_day\r\n";
  CHECK(error_of(header + "1,,2,3\r\n", sy::RowFormat::csv) == "none");
  CHECK(error_of(header, sy::RowFormat::csv) == "none");
  CHECK(error_of("", sy::RowFormat::csv) == "in: empty; expected a header");
  CHECK(error_of(header + "1,2,3,4\n1,2,nan,4\n", sy::RowFormat::csv) ==
        "in:3:3: payload_size_kb is 'nan'; expected a finite number or nothing");
  CHECK_THAT(error_of(header + "1,2,1e999,4\n", sy::RowFormat::csv), Contains("in:2:3: payload_size_kb is '1e999'"));
  CHECK_THAT(error_of(header + "1,2,\"1,5\",4\n", sy::RowFormat::csv), Contains("payload_size_kb is '1,5'"));
  CHECK_THAT(error_of(header + "1,2\n", sy::RowFormat::csv), Contains("in:2: the row has 2 cells; expected 4"));
  CHECK(error_of("a,payload_size_kb\n1,2\n", sy::RowFormat::csv) ==
        "in:1: missing columns workload_type_encoded, hour_of_day");
  CHECK_THAT(error_of("hour_of_day,hour_of_day\n", sy::RowFormat::csv), Contains("second column named hour_of_day"));
  const std::string good = R"({"workload_type_encoded":1,"payload_size_kb":2,"hour_of_day":null})";
  CHECK(error_of(good + "\n\n" + good, sy::RowFormat::jsonl) == "none");
  CHECK_THAT(error_of(good + "\n{\"payload_size_kb\":\"2\"}", sy::RowFormat::jsonl),
             Contains("in:2: missing workload_type_encoded, hour_of_day; payload_size_kb is \"2\""));
  CHECK_THAT(error_of(good + "\n{\"payload", sy::RowFormat::jsonl), Contains("in:2:10: not JSON"));
  CHECK_THAT(error_of(std::string(2'000'000, ' ') + good, sy::RowFormat::jsonl), Contains("in:1: a line longer than"));
}
