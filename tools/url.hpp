#pragma once

#include "switchyard/core/error.hpp"
#include "switchyard/core/text.hpp"

#include <string>
#include <string_view>

namespace switchyard::tools {

/// Where a platform listens: "https://abc.execute-api.eu-west-1.amazonaws.com/prod".
struct Url {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  std::string port;
  std::string path;  // base path without its last slash; empty = root

  /// As a Host header wants it: the port only where it is not the scheme's own.
  [[nodiscard]] std::string host_header() const {
    const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == (tls ? "443" : "80") ? name : name + ":" + port;
  }
};

/// Reads "http[s]://host[:port][/base]". Throws InvalidArgument, naming `option`, for anything else: user names,
/// queries and fragments have no meaning in a base address.
[[nodiscard]] inline Url parse_url(std::string_view text, std::string_view option) {
  const auto refuse = [&] {
    return InvalidArgument::out_of_range(option, text, "http://host[:port][/base] or https://...");
  };
  Url url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    url.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    throw refuse();
  }
  if (rest.find_first_of("@?# \t\r\n\\\"") != std::string_view::npos) throw refuse();
  const auto slash = rest.find('/');
  std::string_view authority = rest.substr(0, slash);
  if (slash != std::string_view::npos) url.path = rest.substr(slash);
  while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
  url.port = url.tls ? "443" : "80";
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) throw refuse();
    url.host = authority.substr(1, bracket - 1);
    authority.remove_prefix(bracket + 1);
  } else {
    url.host = authority.substr(0, authority.find(':'));
    authority.remove_prefix(url.host.size());
  }
  if (!authority.empty()) {
    const auto number = parse_integer(authority.substr(1));
    if (authority.front() != ':' || !number || *number < 1 || *number > 65535) throw refuse();
    url.port = std::to_string(*number);
  }
  if (url.host.empty()) throw refuse();
  return url;
}

}  // namespace switchyard::tools
