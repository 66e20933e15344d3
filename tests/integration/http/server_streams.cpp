#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "http/server.hpp"
#include "http/stream.hpp"
#include "integration/http/raw_socket.hpp"

using namespace carillon::http;
using namespace carillon::http::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto limit = 20s;

// GET /live gives a stream; newest() hands it to the test, which waits until its connection has let go of it.
struct Streaming {
  explicit Streaming(ServerSettings settings = {}) : server(runtime, std::move(settings), routes()) {}

  Router routes() {
    Router router;
    router.add(Method::GET, "/live", [this](const Request&) {
      const std::shared_ptr<Stream> stream(new Stream, [this](Stream* ended) {
        delete ended;
        const std::lock_guard lock(mutex);
        ++ended_streams;
        some_ended.notify_all();
      });
      stream->send("first", "sent before the head");
      const std::lock_guard lock(mutex);
      last = stream;
      return stream_answer(stream);
    });
    return router;
  }

  RawSocket open() {
    auto socket = RawSocket::connect_to(server.port());
    socket.send("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
    return socket;
  }
  void wait_until_gone(int streams = 1) {
    std::unique_lock lock(mutex);
    REQUIRE(some_ended.wait_for(lock, limit, [&] { return ended_streams >= streams; }));
  }

  std::shared_ptr<Stream> newest() {
    const std::lock_guard lock(mutex);
    return last.lock();
  }

  std::mutex mutex;
  std::weak_ptr<Stream> last;  // guarded by mutex
  std::condition_variable some_ended;
  int ended_streams = 0;  // guarded by mutex
  Runtime runtime;
  Server server;
};

}  // namespace

TEST_CASE("stream: events arrive in order, lines as data, without a length") {
  Streaming streaming;
  auto socket = streaming.open();
  const std::string head = socket.read_until("\r\n\r\n");
  CHECK(status_of(head) == 200);
  CHECK(head.find("Content-Type: text/event-stream; charset=utf-8\r\n") != std::string::npos);
  CHECK(head.find("Connection: close\r\n") != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(socket.read_until("\n\n") == "event: first\ndata: sent before the head\n\n");
  const auto stream = streaming.newest();
  REQUIRE(stream);
  stream->send("rows", "one\ntwo");
  stream->send("rows", "");
  CHECK(socket.read_until("\n\n") == "event: rows\ndata: one\ndata: two\n\n");
  CHECK(socket.read_until("\n\n") == "event: rows\ndata: \n\n");
}

TEST_CASE("stream: it ends when the reader goes, when its time is over and when the server stops") {
  SECTION("the reader goes") {
    Streaming streaming;
    auto socket = streaming.open();
    socket.read_until("\n\n");
    socket.close();
    streaming.wait_until_gone();
    CHECK(streaming.newest() == nullptr);
  }
  SECTION("its time is over") {
    ServerSettings settings;
    settings.stream_lifetime = 1ms;
    Streaming streaming(settings);
    auto socket = streaming.open();
    CHECK(socket.read_to_end().ends_with("data: sent before the head\n\n"));
    streaming.wait_until_gone();
  }
  SECTION("the server stops, without waiting for its grace") {
    Streaming streaming;
    auto socket = streaming.open();
    socket.read_until("\n\n");
    streaming.server.stop(limit);
    streaming.wait_until_gone();
    CHECK(socket.read_to_end().empty());
  }
}

TEST_CASE("stream: a silent one gets comments, so that nobody in between takes it for dead") {
  ServerSettings settings;
  settings.stream_heartbeat = 1ms;
  Streaming streaming(settings);
  auto socket = streaming.open();
  socket.read_until("before the head\n\n");
  CHECK(socket.read_until("\n\n") == ":\n\n");
  CHECK(socket.read_until("\n\n") == ":\n\n");
}

TEST_CASE("stream: more than streams_max at once are 503, and one that ends makes room") {
  ServerSettings settings;
  settings.streams_max = 1;
  Streaming streaming(settings);
  auto first = streaming.open();
  first.read_until("\n\n");
  auto second = streaming.open();
  const std::string refused = second.read_answer();
  CHECK(status_of(refused) == 503);
  CHECK(refused.find("Retry-After: 30\r\n") != std::string::npos);
  first.close();
  streaming.wait_until_gone(2);
  auto third = streaming.open();
  CHECK(status_of(third.read_until("\n\n")) == 200);
}

TEST_CASE("stream: a reader that does not read is cut off, and what is kept for it is bounded") {
  Streaming streaming;
  auto socket = streaming.open();
  socket.read_until("\n\n");
  const std::string much(64 * 1024, 'x');
  for (int i = 0; i < 1'000; ++i) {  // 64 MB, more than the kernel keeps
    const auto stream = streaming.newest();
    if (!stream) break;
    stream->send("rows", much);
  }
  streaming.wait_until_gone();
  CHECK(streaming.newest() == nullptr);
}

TEST_CASE("stream: HEAD tells of it and ends") {
  Streaming streaming;
  auto socket = RawSocket::connect_to(streaming.server.port());
  socket.send("HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(status_of(socket.read_until("\r\n\r\n")) == 200);
  streaming.wait_until_gone();
}
