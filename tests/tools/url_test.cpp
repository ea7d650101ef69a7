#include "../../tools/url.hpp"

#include <catch2/catch.hpp>

#include <string>

namespace sy = switchyard;

TEST_CASE("a base address is taken apart") {
  const auto url = sy::tools::parse_url("https://abc.execute-api.eu-west-1.amazonaws.com/prod/", "--lambda-url");
  CHECK(url.tls);
  CHECK(url.host == "abc.execute-api.eu-west-1.amazonaws.com");
  CHECK(url.port == "443");
  CHECK(url.path == "/prod");
  CHECK(url.host_header() == "abc.execute-api.eu-west-1.amazonaws.com");
}

TEST_CASE("a port that is not the scheme's goes into the Host header") {
  CHECK(sy::tools::parse_url("http://127.0.0.1:8081", "x").host_header() == "127.0.0.1:8081");
  CHECK(sy::tools::parse_url("http://127.0.0.1:80/", "x").host_header() == "127.0.0.1");
  CHECK(sy::tools::parse_url("https://h:80", "x").host_header() == "h:80");
  const auto six = sy::tools::parse_url("http://[::1]:8081/a/b", "x");
  CHECK(six.host == "::1");
  CHECK(six.host_header() == "[::1]:8081");
  CHECK(six.path == "/a/b");
}

TEST_CASE("what is not a base address is refused by the option's name") {
  for (const std::string bad : {"", "127.0.0.1:8081", "ftp://h", "http://", "http://:80", "http://h:0",
                                "http://h:65536", "http://h:8x", "http://h:", "http://u:p@h", "http://h/?q",
                                "http://h/#f", "http://[::1", "http://[::1]8080", "http://h/a b", "http://h\r\nX: y"}) {
    INFO(bad);
    CHECK_THROWS_WITH(sy::tools::parse_url(bad, "--ecs-url"), Catch::StartsWith("--ecs-url is "));
  }
}
