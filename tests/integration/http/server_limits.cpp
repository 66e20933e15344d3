#include <catch2/catch.hpp>

#include "http/server.hpp"
#include "integration/http/raw_socket.hpp"

using namespace carillon::http;
using namespace carillon::http::testing;
using namespace std::chrono_literals;

namespace {

Router echo() {
  Router router;
  router.add_async(Method::POST, "/echo",
                   [](Request&& request, Reply reply) { reply(json(200, std::move(request.body))); });
  router.add_async(Method::GET, "/ping", [](Request&&, Reply reply) { reply(json(200, "\"pong\"")); });
  return router;
}

std::string chunked(std::size_t bytes, std::size_t chunk_bytes) {
  std::string out;
  while (bytes > 0) {
    const std::size_t part = std::min(bytes, chunk_bytes);
    char head[32];
    std::snprintf(head, sizeof head, "%zx\r\n", part);
    out += head + std::string(part, 'x') + "\r\n";
    bytes -= part;
  }
  return out + "0\r\n\r\n";
}

struct Echo {
  explicit Echo(ServerSettings settings = {}) : server(runtime, std::move(settings), echo()) {}
  RawSocket connect() const { return RawSocket::connect_to(server.port()); }
  Runtime runtime;
  Server server;
};

constexpr std::size_t mebibyte = 1024 * 1024;

}  // namespace

TEST_CASE("server: a body of 1 MiB is taken, one byte more is 413 and the connection ends") {
  const Echo echo;
  auto fits = echo.connect();
  fits.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(mebibyte) + "\r\n\r\n");
  fits.send(std::string(mebibyte, 'x'));
  const std::string answer = fits.read_answer();
  CHECK(status_of(answer) == 200);
  CHECK(answer.ends_with("\r\n\r\n" + std::string(mebibyte, 'x')));

  auto large = echo.connect();
  large.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(mebibyte + 1) + "\r\n\r\n");
  large.send(std::string(mebibyte + 1, 'x'));
  const std::string refused = large.read_to_end();
  CHECK(status_of(refused) == 413);
  CHECK(refused.find("Connection: close\r\n") != std::string::npos);
}

TEST_CASE("server: chunked bodies are joined, 2 MiB of them are 413") {
  const Echo echo;
  auto fits = echo.connect();
  fits.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(100'000, 7'777));
  CHECK(fits.read_answer().ends_with("\r\n\r\n" + std::string(100'000, 'x')));

  auto large = echo.connect();
  large.send("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(2 * mebibyte, 64 * 1024));
  CHECK(status_of(large.read_to_end()) == 413);
}

TEST_CASE("server: a path that allows it takes a larger body, others don't") {
  Runtime runtime;
  Router router = echo();
  router.add_async(Method::POST, "/files",
                   [](Request&& request, Reply reply) { reply(json(200, std::to_string(request.body.size()))); });
  router.allow_large_body(Method::POST, "/files", 3 * mebibyte);
  const Server server(runtime, {}, std::move(router));
  const auto answer_to = [&](const std::string& path, std::size_t bytes) {
    auto socket = RawSocket::connect_to(server.port());
    socket.send("POST " + path +
                " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n");
    socket.send(std::string(bytes, 'x'));
    return socket.read_to_end();
  };
  CHECK(answer_to("/files?name=a", 3 * mebibyte).ends_with("\r\n\r\n3145728"));
  CHECK(status_of(answer_to("/files", 3 * mebibyte + 1)) == 413);
  CHECK(status_of(answer_to("/echo", 3 * mebibyte)) == 413);
  CHECK(status_of(answer_to("/files/", 3 * mebibyte)) == 413);
  auto socket = RawSocket::connect_to(server.port());
  socket.send("POST /files HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
              chunked(2 * mebibyte, 64 * 1024));
  CHECK(socket.read_answer().ends_with("\r\n\r\n2097152"));
}

TEST_CASE("server: only so many large bodies are taken at once, and a place is free again after its request") {
  Runtime runtime;
  Router router = echo();
  router.add_async(Method::POST, "/files", [](Request&&, Reply reply) { reply(json(200, "1")); });
  router.allow_large_body(Method::POST, "/files", 3 * mebibyte);
  ServerSettings settings;
  settings.large_bodies_max = 2;
  const Server server(runtime, settings, std::move(router));
  const std::string head =
      "POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(2 * mebibyte) + "\r\n\r\n";
  std::vector<RawSocket> open;
  for (int i = 0; i < 2; ++i) {
    open.push_back(RawSocket::connect_to(server.port()));
    open.back().send(head + "x");
    // Its first byte was read when a later request on another connection is answered: both go through one loop.
    auto other = RawSocket::connect_to(server.port());
    other.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
    REQUIRE(status_of(other.read_answer()) == 200);
  }
  auto third = RawSocket::connect_to(server.port());
  third.send(head + "x");
  const std::string refused = third.read_to_end();
  CHECK(status_of(refused) == 503);
  CHECK(refused.find("Retry-After: 1\r\n") != std::string::npos);
  auto small = RawSocket::connect_to(server.port());
  small.send("POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  CHECK(status_of(small.read_answer()) == 200);
  open[0].send(std::string(2 * mebibyte - 1, 'x'));
  CHECK(status_of(open[0].read_answer()) == 200);
  auto fourth = RawSocket::connect_to(server.port());
  fourth.send(head + std::string(2 * mebibyte, 'x'));
  CHECK(status_of(fourth.read_answer()) == 200);
}

TEST_CASE("server: whoever the guard refuses takes no place of a large body, and is told before sending it") {
  Runtime runtime;
  Router router = echo();
  const auto guard = [](Request& request) -> std::optional<Response> {
    if (field(request.headers, "Authorization") == "Bearer good") return std::nullopt;
    if (field(request.headers, "Authorization") == "Bearer broken") throw std::runtime_error("no database");
    return problem(401, "UNAUTHENTICATED", "send a key");
  };
  router.add(
      Method::POST, "/files", [](const Request& request) { return json(200, std::to_string(request.body.size())); },
      guard);
  router.allow_large_body(Method::POST, "/files", 3 * mebibyte);
  ServerSettings settings;
  settings.large_bodies_max = 1;
  const Server server(runtime, settings, std::move(router));
  const auto head = [](const std::string& key, const std::string& more = "") {
    return "POST /files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\n" + more +
           "Content-Length: " + std::to_string(2 * mebibyte) + "\r\n\r\n";
  };
  std::vector<RawSocket> strangers;
  for (int i = 0; i < 4; ++i) {
    strangers.push_back(RawSocket::connect_to(server.port()));
    strangers.back().send(head("stolen") + "x");
  }
  for (RawSocket& stranger : strangers) CHECK(status_of(stranger.read_to_end()) == 401);
  auto broken = RawSocket::connect_to(server.port());
  broken.send(head("broken"));
  CHECK(status_of(broken.read_to_end()) == 500);

  for (int i = 0; i < 2; ++i) {
    auto friendly = RawSocket::connect_to(server.port());
    friendly.send(head("good") + std::string(2 * mebibyte, 'x'));
    CHECK(friendly.read_answer().ends_with("\r\n\r\n2097152"));
    friendly.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(status_of(friendly.read_answer()) == 200);
  }
  auto polite = RawSocket::connect_to(server.port());
  polite.send(head("good", "Expect: 100-continue\r\n"));
  CHECK(polite.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  polite.send(std::string(2 * mebibyte, 'x'));
  CHECK(polite.read_answer().ends_with("\r\n\r\n2097152"));
  auto rude = RawSocket::connect_to(server.port());
  rude.send(head("stolen", "Expect: 100-continue\r\n"));
  CHECK(status_of(rude.read_to_end()) == 401);
  auto in_chunks = RawSocket::connect_to(server.port());
  in_chunks.send("POST /files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\nTransfer-Encoding: chunked\r\n\r\n" +
                 chunked(2 * mebibyte, 64 * 1024));
  CHECK(in_chunks.read_answer().ends_with("\r\n\r\n2097152"));
}

TEST_CASE("server: a flood of headers is 431, in one piece or many") {
  const Echo echo;
  auto one = echo.connect();
  one.send("GET /ping HTTP/1.1\r\nHost: x\r\nX-A: " + std::string(20'000, 'a') + "\r\n\r\n");
  CHECK(status_of(one.read_to_end()) == 431);

  auto many = echo.connect();
  many.send("GET /ping HTTP/1.1\r\nHost: x\r\n");
  bool open = true;
  for (int i = 0; i < 1'000 && open; ++i)
    open = many.send("X-" + std::to_string(i) + ": " + std::string(30, 'a') + "\r\n");
  many.send("\r\n");
  CHECK(status_of(many.read_to_end()) == 431);
}

TEST_CASE("server: clients that send too slowly are cut off with 408, silent ones without a word") {
  const Echo echo({.header_timeout = 200ms, .body_timeout = 200ms, .idle_timeout = 300ms});
  auto slow_header = echo.connect();
  auto slow_body = echo.connect();
  auto silent = echo.connect();
  auto idle = echo.connect();
  slow_header.send("GET /ping HTTP/1.1\r\nHost:");
  slow_body.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12345");
  idle.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(slow_header.read_to_end()) == 408);
  CHECK(status_of(slow_body.read_to_end()) == 408);
  CHECK(silent.read_to_end().empty());
  const std::string once = idle.read_to_end();
  CHECK(status_of(once) == 200);
  CHECK(once.ends_with("\"pong\""));
}

TEST_CASE("server: a client that does not read its answers is cut off") {
  const Echo echo({.write_timeout = 300ms});
  const auto deaf = echo.connect();
  const std::string body(mebibyte, 'x');
  bool open = true;
  for (int i = 0; i < 64 && open; ++i) {
    open =
        deaf.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(mebibyte) + "\r\n\r\n" + body);
  }
  CHECK_FALSE(open);
  auto other = echo.connect();
  other.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(other.read_answer()) == 200);
}

TEST_CASE("server: more connections than it has room for are told 503") {
  const Echo echo({.connections_max = 2});
  std::vector<RawSocket> inside;
  for (int i = 0; i < 2; ++i) {
    inside.push_back(echo.connect());
    inside.back().send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(status_of(inside.back().read_answer()) == 200);
  }
  auto outside = echo.connect();
  const std::string answer = outside.read_to_end();
  CHECK(status_of(answer) == 503);
  CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
}

TEST_CASE("server: garbage is 400 and ends the connection") {
  const Echo echo;
  const std::vector<std::string> garbage{
      "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n",
      "GET\r\n\r\n",
      "GET /ping\r\n\r\n",
      "GET /ping HTTP/1.1\r\nno colon\r\n\r\n",
      "GET /ping HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
      "GET /ping HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"};
  for (const std::string& bytes : garbage) {
    INFO(bytes);
    auto socket = echo.connect();
    socket.send(bytes);
    CHECK(status_of(socket.read_to_end()) == 400);
  }
  auto version = echo.connect();
  version.send("GET /ping HTTP/2.0\r\nHost: x\r\n\r\n");
  CHECK(status_of(version.read_to_end()) == 505);
}

TEST_CASE("server: a well-formed request that can't be met keeps the connection") {
  const Echo echo;
  auto socket = echo.connect();
  const auto ask = [&](const std::string& line, const std::string& headers = "Host: x\r\n") {
    socket.send(line + " HTTP/1.1\r\n" + headers + "\r\n");
    return socket.read_answer();
  };
  CHECK(status_of(ask("GET /none")) == 404);
  const std::string wrong_method = ask("DELETE /echo");
  CHECK(status_of(wrong_method) == 405);
  CHECK(wrong_method.find("Allow: POST\r\n") != std::string::npos);
  CHECK(status_of(ask("BREW /echo")) == 501);
  CHECK(status_of(ask("GET /%zz")) == 400);
  CHECK(status_of(ask("GET /a%00b")) == 400);
  CHECK(status_of(ask("GET /ping?x=%")) == 400);
  CHECK(status_of(ask("GET /ping", "")) == 400);
  CHECK(status_of(ask("GET /ping", "Host: x\r\nHost: y\r\n")) == 400);
  CHECK(status_of(ask("GET /ping")) == 200);
}

TEST_CASE("server: a port that is taken is named at start-up") {
  const Echo echo;
  Runtime runtime;
  const int port = echo.server.port();
  CHECK_THROWS_WITH(Server(runtime, {.port = port}, Router()),
                    Catch::Matchers::Contains("127.0.0.1:" + std::to_string(port)));
}
