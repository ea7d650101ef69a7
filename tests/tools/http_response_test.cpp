#include "../../tools/http_response.hpp"

#include <catch2/catch.hpp>

#include <string>

using switchyard::tools::HttpResponse;

namespace {

// All at once, and byte by byte: the result must not depend on how the bytes arrive.
HttpResponse read(const std::string& bytes, bool by_byte) {
  HttpResponse response;
  if (!by_byte) response.feed(bytes);
  for (std::size_t i = 0; by_byte && i < bytes.size(); ++i) response.feed(bytes.substr(i, 1));
  return response;
}

}  // namespace

TEST_CASE("an answer with a length ends by it") {
  const bool by_byte = GENERATE(false, true);
  const auto response = read("HTTP/1.1 413 Too Large\r\ncontent-LENGTH: 5\r\n\r\nhello", by_byte);
  REQUIRE(response.done());
  CHECK(response.status() == 413);
  CHECK(response.body() == "hello");
  CHECK(response.reusable());
  CHECK_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", by_byte).over());
}

TEST_CASE("chunks are joined, extensions and trailers passed over") {
  const bool by_byte = GENERATE(false, true);
  const auto response = read(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5;name=value\r\nhello\r\nA\r\n, chunks!!\r\n0\r\nX: "
      "y\r\n\r\n",
      by_byte);
  REQUIRE(response.done());
  CHECK(response.body() == "hello, chunks!!");
  CHECK(response.reusable());
}

TEST_CASE("an answer without length ends with the connection") {
  auto response = read("HTTP/1.1 200 OK\r\n\r\nsome", false);
  CHECK_FALSE(response.over());
  response.feed(" more");
  response.finish();
  REQUIRE(response.done());
  CHECK(response.body() == "some more");
  CHECK_FALSE(response.reusable());
}

TEST_CASE("interim answers are passed over") {
  const bool by_byte = GENERATE(false, true);
  const auto response =
      read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 None\r\n\r\n", by_byte);
  REQUIRE(response.done());
  CHECK(response.status() == 204);
}

TEST_CASE("a connection is not used again when the server says so or says too much") {
  CHECK_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", false).reusable());
  CHECK_FALSE(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false).reusable());
  CHECK(read("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", false).reusable());
  const bool by_byte = GENERATE(false, true);
  CHECK_FALSE(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n12", by_byte).reusable());
}

TEST_CASE("an answer that ends early is bad") {
  for (const std::string part : {"", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
                                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    INFO(part);
    auto response = read(part, false);
    CHECK_FALSE(response.over());
    response.finish();
    CHECK(response.bad());
  }
}

TEST_CASE("what is not HTTP, or hostile, is bad and takes no memory") {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string& bytes :
       {std::string("SSH-2.0-x\r\n\r\n"), std::string("HTTP/1.1 2x0 OK\r\n\r\n"), std::string("HTTP/1.1 99 X\r\n\r\n"),
        std::string("HTTP/1.1 2000 X\r\n\r\n"), std::string("H\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), chunked + "zz\r\n",
        chunked + "fffffffffffffffff\r\n", chunked + "ffffffffffffffff\r\n", chunked + "1\r\nab\r\n",
        std::string(HttpResponse::max_head_bytes + 1, 'H')}) {
    INFO(bytes.substr(0, 80));
    CHECK(read(bytes, false).bad());
  }
}
