#pragma once

#include "architecture/source_tree.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace architecture {

/// What a rule found, one line each; empty: all is well.
using Violations = std::vector<std::string>;

/// Folders of include/switchyard by level, as listed in CONTRIBUTING.md. A header includes only headers of lower
/// levels or of its own folder; version.hpp lies below all, the umbrella above.
[[nodiscard]] inline const std::map<std::string, int>& folder_levels() {
  static const std::map<std::string, int> levels = {
      {"core", 0},  {"data", 1},   {"metric", 1},  {"cloud", 1},  {"tree", 2}, {"nn", 2},
      {"model", 3}, {"engine", 4}, {"explain", 5}, {"select", 5}, {"io", 5},   {"pipeline", 6},
  };
  return levels;
}

/// Each header lies in a folder with a level, names other headers as "switchyard/...", and includes nothing of its own
/// level's other folders or above.
[[nodiscard]] inline Violations level_violations(const std::vector<SourceFile>& headers) {
  Violations found;
  const auto& levels = folder_levels();
  for (const auto& header : headers) {
    if (header.path == "version.hpp" || header.path == "switchyard.hpp") continue;
    const auto own = levels.find(header.folder());
    if (own == levels.end()) {
      found.push_back(header.path + " lies in a folder that has no level");
      continue;
    }
    for (const auto& name : header.includes('"')) {
      if (name.rfind("switchyard/", 0) != 0) found.push_back(header.path + " includes \"" + name + "\"");
    }
    for (const auto& included : header.own_includes()) {
      if (included == "version.hpp") continue;
      const auto folder = included.substr(0, included.find('/'));
      const auto other = levels.find(folder);
      const bool allowed = other != levels.end() && (folder == own->first || other->second < own->second);
      if (!allowed) found.push_back(header.path + " includes " + included);
    }
  }
  return found;
}

/// Every header reachable from each header through includes, itself only if it lies on a cycle.
[[nodiscard]] inline std::map<std::string, std::set<std::string>> reachable(const std::vector<SourceFile>& headers) {
  std::map<std::string, std::vector<std::string>> edges;
  for (const auto& header : headers) edges[header.path] = header.own_includes();
  std::map<std::string, std::set<std::string>> result;
  for (const auto& header : headers) {
    auto& seen = result[header.path];
    std::vector<std::string> open = edges[header.path];
    while (!open.empty()) {
      const auto next = open.back();
      open.pop_back();
      if (seen.insert(next).second) open.insert(open.end(), edges[next].begin(), edges[next].end());
    }
  }
  return result;
}

[[nodiscard]] inline Violations cycle_violations(const std::vector<SourceFile>& headers) {
  Violations found;
  for (const auto& [header, seen] : reachable(headers)) {
    if (seen.count(header) > 0) found.push_back(header + " includes itself through others");
  }
  return found;
}

/// Machine learning and cloud do not know each other: outside pipeline/ and the umbrella no header reaches both.
[[nodiscard]] inline Violations separation_violations(const std::vector<SourceFile>& headers) {
  static const std::set<std::string> learning = {"tree", "nn", "model", "engine", "explain", "select"};
  const auto folder_of = [](const std::string& path) { return path.substr(0, path.find('/')); };
  Violations found;
  for (const auto& [header, seen] : reachable(headers)) {
    if (folder_of(header) == "pipeline" || header == "switchyard.hpp") continue;
    bool learns = learning.count(folder_of(header)) > 0;
    bool clouds = folder_of(header) == "cloud";
    for (const auto& other : seen) {
      learns = learns || learning.count(folder_of(other)) > 0;
      clouds = clouds || folder_of(other) == "cloud";
    }
    if (learns && clouds) found.push_back(header + " knows both machine learning and cloud");
  }
  return found;
}

/// Third-party headers only behind their fences.
[[nodiscard]] inline Violations fence_violations(const std::vector<SourceFile>& headers) {
  Violations found;
  for (const auto& header : headers) {
    for (const auto& name : header.includes('<')) {
      const auto vendor = name.substr(0, name.find('/'));
      const bool eigen = vendor == "Eigen" || vendor == "unsupported";
      const bool json = vendor == "nlohmann";
      const bool tools_only = vendor == "httplib.h" || vendor == "CLI" || vendor == "openssl";
      const bool inside = (!eigen || header.path == "core/types.hpp") &&
                          (!json || header.folder() == "io" || header.folder() == "pipeline") && !tools_only;
      if (!inside) found.push_back(header.path + " includes <" + name + ">");
    }
  }
  return found;
}

/// The umbrella includes every header once, by level, and holds no code.
[[nodiscard]] inline Violations umbrella_violations(const std::vector<SourceFile>& headers) {
  Violations found;
  std::map<std::string, int> missing;
  for (const auto& header : headers) {
    if (header.path != "switchyard.hpp") missing[header.path] = 1;
  }
  int last_level = -1;
  for (const auto& header : headers) {
    if (header.path != "switchyard.hpp") continue;
    for (const auto& included : header.own_includes()) {
      if (missing[included]-- != 1) found.push_back("the umbrella includes " + included + " twice, or it is not there");
      const auto level = folder_levels().find(included.substr(0, included.find('/')));
      const int rank = level == folder_levels().end() ? -1 : level->second;
      if (rank < last_level) found.push_back("the umbrella includes " + included + " after a higher level");
      last_level = rank;
    }
    for (const auto& line : header.code) {
      const bool directive = line.empty() || line == "#pragma once" || line.rfind("#include ", 0) == 0;
      if (!directive) found.push_back("the umbrella holds code: " + line);
    }
  }
  for (const auto& [path, count] : missing) {
    if (count > 0) found.push_back("the umbrella lacks " + path);
  }
  return found;
}

}  // namespace architecture
