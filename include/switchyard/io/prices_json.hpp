#pragma once

#include "switchyard/cloud/pricing.hpp"
#include "switchyard/core/error.hpp"
#include "switchyard/io/json_build.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

namespace switchyard {

namespace detail {

struct PriceField {
  const char* key;
  Price PriceBook::*price;
};

inline constexpr std::array<PriceField, 8> price_fields = {{
    {"lambda_request", &PriceBook::lambda_request},
    {"lambda_gb_second", &PriceBook::lambda_gb_second},
    {"fargate_vcpu_hour", &PriceBook::fargate_vcpu_hour},
    {"fargate_gb_hour", &PriceBook::fargate_gb_hour},
    {"api_gateway_request", &PriceBook::api_gateway_request},
    {"load_balancer_hour", &PriceBook::load_balancer_hour},
    {"lcu_hour", &PriceBook::lcu_hour},
    {"public_ipv4_hour", &PriceBook::public_ipv4_hour},
}};

[[nodiscard]] inline Price price_from_json(const nlohmann::json& object, const Place& place, const std::string& key) {
  const auto text = [&](const char* field) {
    const auto found = object.find(field);
    if (found == object.end() || !found->is_string())
      throw DataError::missing_field(place, key + "." + field + " (text)");
    return found->get<std::string>();
  };
  constexpr double highest_usd = 1e6;
  const auto usd = object.find("usd");
  if (usd == object.end() || !usd->is_number() || !(usd->get<double>() >= 0 && usd->get<double>() <= highest_usd)) {
    throw DataError::bad_value(place, key + ".usd", usd == object.end() ? "missing" : usd->dump(),
                               "a number in [0, 1000000]");
  }
  return {usd->get<double>(), text("unit"), text("region"), text("date"), text("source")};
}

}  // namespace detail

[[nodiscard]] inline nlohmann::json prices_to_json(const PriceBook& book) {
  nlohmann::json object = json_object({{"id", book.id}});
  for (const auto& [key, member] : detail::price_fields) {
    const Price& price = book.*member;
    object[key] = json_object({{"usd", price.usd},
                               {"unit", price.unit},
                               {"region", price.region},
                               {"date", price.date},
                               {"source", price.source}});
  }
  return object;
}

/// A price file: {"id": ..., "<price>": {"usd", "unit", "region", "date", "source"}, ...}. Prices it leaves out are
/// eu-west-1's. Throws FileError, DataError (naming file and field).
[[nodiscard]] inline PriceBook read_prices(const std::string& path) {
  std::ifstream file(path);
  if (!file || (file.peek(), file.bad())) throw FileError::cannot_open(path, std::strerror(errno));  // or a folder
  const auto object = nlohmann::json::parse(file, nullptr, false);
  const Place place{path, 0, 0};
  if (!object.is_object()) throw DataError(place, "expected a JSON object of prices");
  PriceBook book = eu_west_1_prices();
  book.id = path;
  for (const auto& [key, value] : object.items()) {
    if (key == "id" && value.is_string()) {
      book.id = value.get<std::string>();
      continue;
    }
    bool known = false;
    for (const auto& [name, member] : detail::price_fields) {
      if (key != name) continue;
      if (!value.is_object()) throw DataError::bad_value(place, key, value.dump(), "an object");
      book.*member = detail::price_from_json(value, place, key);
      known = true;
    }
    if (!known) throw DataError(place, "unknown price '" + key + "'");
  }
  return book;
}

/// A built-in book by name ("eu-west-1", "original"), else a price file.
[[nodiscard]] inline PriceBook find_prices(const std::string& name_or_path) {
  if (name_or_path == "eu-west-1") return eu_west_1_prices();
  if (name_or_path == "original") return original_prices();
  return read_prices(name_or_path);
}

}  // namespace switchyard
