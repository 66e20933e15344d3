// Calls to URLs that somebody else has given.
#include <catch2/catch.hpp>
#include <future>

#include "http/client.hpp"
#include "integration/http/raw_socket.hpp"

using namespace carillon::http;
using namespace carillon::http::testing;
using namespace std::chrono_literals;

namespace {

Call call_of(const std::string& host, int port, bool public_only) {
  Call call{.url = "http://" + host + ":" + std::to_string(port) + "/", .body = "{}"};
  call.connect_timeout = 10s;
  call.public_addresses_only = public_only;
  return call;
}

}  // namespace

TEST_CASE("client: public addresses only: a host of this machine is RESOLVE, however it is written, and not sent") {
  std::atomic<int> connections{0};
  const RawServer server([&](RawSocket& socket) {
    ++connections;
    socket.read_until("\r\n\r\n{}");
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  });
  Runtime runtime;
  Client client(runtime);
  for (const char* host :
       {"127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]"}) {
    INFO(host);
    const Answer answer = client.call_and_wait(call_of(host, server.port(), true));
    CHECK(answer.status == 0);
    CHECK(answer.error == CallError::RESOLVE);
    CHECK(answer.progress == Progress::NOT_SENT);
  }
  CHECK(connections == 0);
}

TEST_CASE("client: public addresses only: a connection that is open already is not used") {
  std::atomic<int> requests{0};
  const RawServer server([&](RawSocket& socket) {
    while (!socket.read_until("\r\n\r\n{}").empty()) {
      ++requests;
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }
  });
  Runtime runtime;
  Client client(runtime);
  CHECK(client.call_and_wait(call_of("127.0.0.1", server.port(), false)).status == 200);
  CHECK(client.call_and_wait(call_of("127.0.0.1", server.port(), true)).error == CallError::RESOLVE);
  CHECK(client.call_and_wait(call_of("127.0.0.1", server.port(), false)).status == 200);
  CHECK(requests == 2);
}

TEST_CASE("client: public addresses only: many calls at once to a host that has none are each answered") {
  Runtime runtime;
  Client client(runtime, {.connections_per_origin_max = 2, .waiting_per_origin_max = 1'000});
  constexpr int calls = 500;
  std::atomic<int> refused{0};
  std::promise<void> all;
  for (int i = 0; i < calls; ++i) {
    client.call(call_of("localhost", 9, true), [&](const Answer& answer) {
      if (answer.error == CallError::RESOLVE && ++refused == calls) all.set_value();
    });
  }
  CHECK(all.get_future().wait_for(20s) == std::future_status::ready);
}
