#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <ios>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// A table both sides read: doubles, little-endian, row by row, NaN = missing, in NAME.f64; labels, a byte each, in
/// NAME.u8. Every number is a float's value, so that a peer that computes in floats reads the same. Peers share this,
/// so it needs nothing of ours.
struct Rows {
  std::vector<double> values;        // [rows x columns]
  std::vector<std::uint8_t> labels;  // [rows]
  std::size_t columns = 0;

  [[nodiscard]] std::size_t count() const noexcept { return labels.size(); }
  [[nodiscard]] const double* row(std::size_t i) const noexcept { return values.data() + i * columns; }
};

/// The same numbers as floats. [rows x columns]
[[nodiscard]] inline std::vector<float> as_floats(const Rows& rows) {
  std::vector<float> result;
  result.reserve(rows.values.size());
  for (const double value : rows.values) result.push_back(static_cast<float>(value));
  return result;
}

/// Throws std::runtime_error if the file cannot be read or holds no whole number of T.
template <class T>
[[nodiscard]] std::vector<T> read_raw(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw std::runtime_error("cannot open " + path);
  const auto bytes = static_cast<std::size_t>(file.tellg());
  std::vector<T> result(bytes / sizeof(T));
  file.seekg(0);
  if (bytes % sizeof(T) != 0 ||
      !file.read(reinterpret_cast<char*>(result.data()), static_cast<std::streamsize>(bytes))) {
    throw std::runtime_error("cannot read " + path);
  }
  return result;
}

/// Throws std::runtime_error if the file cannot be written.
template <class T>
void write_raw(const std::string& path, const std::vector<T>& values) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(T)));
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

/// part: train, test or ask (the rows that are asked one by one). Throws std::runtime_error.
[[nodiscard]] inline Rows read_rows(const std::string& folder, const std::string& part) {
  Rows rows;
  const std::string path = folder + "/" + part;
  rows.values = read_raw<double>(path + ".f64");
  rows.labels = read_raw<std::uint8_t>(path + ".u8");
  if (rows.labels.empty() || rows.values.size() % rows.labels.size() != 0) {
    throw std::runtime_error(path + ".f64 does not hold the rows of " + path + ".u8");
  }
  rows.columns = rows.values.size() / rows.labels.size();
  return rows;
}

}  // namespace bench
