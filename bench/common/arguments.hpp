#pragma once

#include <charconv>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace bench {

/// What a worker was asked: a task and settings like rows=180000. Peers share it, so it needs nothing of ours.
class Arguments {
 public:
  /// Throws std::invalid_argument if there is no task, a setting has no '=' or is given twice.
  Arguments(int count, const char* const* values) {
    if (count < 2) throw std::invalid_argument("usage: TASK NAME=VALUE...");
    task_ = values[1];
    for (int i = 2; i < count; ++i) {
      const std::string_view text = values[i];
      const std::size_t equals = text.find('=');
      if (equals == std::string_view::npos) {
        throw std::invalid_argument("'" + std::string(text) + "': expected NAME=VALUE");
      }
      if (!settings_.emplace(text.substr(0, equals), Setting{std::string(text.substr(equals + 1))}).second) {
        throw std::invalid_argument("'" + std::string(text) + "': given twice");
      }
    }
  }

  [[nodiscard]] const std::string& task() const noexcept { return task_; }
  [[nodiscard]] bool has(const std::string& name) const { return find(name) != nullptr; }

  /// Throws std::invalid_argument if the setting is missing.
  [[nodiscard]] const std::string& text(const std::string& name) const {
    const Setting* const found = find(name);
    if (found == nullptr) throw std::invalid_argument(task_ + " needs " + name + "=");
    return found->value;
  }

  [[nodiscard]] std::string text(const std::string& name, const std::string& otherwise) const {
    return has(name) ? text(name) : otherwise;
  }

  /// Throws std::invalid_argument if the setting is no whole number.
  [[nodiscard]] long long number(const std::string& name, long long otherwise) const {
    if (!has(name)) return otherwise;
    const std::string& value = text(name);
    long long result = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), result);
    if (error != std::errc() || end != value.data() + value.size()) {
      throw std::invalid_argument(name + "=" + value + ": expected a whole number");
    }
    return result;
  }

  /// Throws std::invalid_argument if a setting was given that nobody asked for: a misspelt one must not pass for
  /// measured.
  void require_all_used() const {
    for (const auto& [name, setting] : settings_) {
      if (!setting.used) throw std::invalid_argument(task_ + " knows no " + name + "=");
    }
  }

 private:
  struct Setting {
    std::string value;
    mutable bool used = false;
  };

  [[nodiscard]] const Setting* find(const std::string& name) const {
    const auto found = settings_.find(name);
    if (found == settings_.end()) return nullptr;
    found->second.used = true;
    return &found->second;
  }

  std::string task_;
  std::map<std::string, Setting, std::less<>> settings_;
};

}  // namespace bench
