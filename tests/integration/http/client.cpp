#include "http/client.hpp"

#include <catch2/catch.hpp>
#include <future>
#include <semaphore>

#include "http/server.hpp"
#include "integration/http/raw_socket.hpp"

using namespace carillon::http;
using namespace carillon::http::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto answer_wait_max = 20s;

Call post(std::string url, std::string body = "{}") {
  return {.url = std::move(url), .body = std::move(body)};
}

std::string ok(const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("client: what is asked arrives, what is answered comes back, on kept connections") {
  std::atomic<int> connections{0};
  const RawServer server([&](RawSocket& socket) {
    ++connections;
    for (;;) {
      const std::string head = socket.read_until("\r\n\r\n");
      if (head.empty()) return;
      const std::string body = head.find("Content-Length: 2\r\n") != std::string::npos ? socket.read_until("{}") : "";
      socket.send(ok(head + body, "X-One: 1\r\n"));
    }
  });
  Runtime runtime;
  Client client(runtime);
  Call call = post(server.url("/a?b=c"));
  call.headers = {{"X-Key", "v"}, {"Content-Length", "77"}};
  const Answer answer = client.call_and_wait(call);
  CHECK(answer.status == 200);
  CHECK(answer.body == "POST /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                           "\r\nX-Key: v\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(field(answer.headers, "x-one") == "1");
  for (int i = 0; i < 10; ++i) CHECK(client.call_and_wait({.method = Method::GET, .url = server.url()}).status == 200);
  CHECK(connections == 1);
}

TEST_CASE("client: chunked answers, answers up to the end of the connection, 1xx before the answer, HEAD") {
  const RawServer server([](RawSocket& socket) {
    const std::string head = socket.read_until("\r\n\r\n");
    if (head.find("/chunked") != std::string::npos) {
      socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    } else if (head.find("/end") != std::string::npos) {
      socket.send("HTTP/1.1 200 OK\r\n\r\nabc");
      socket.send("de");
    } else if (head.find("/informed") != std::string::npos) {
      socket.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("abcde"));
    } else {
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    }
  });
  Runtime runtime;
  for (const char* path : {"/chunked", "/end", "/informed"}) {
    INFO(path);
    Client client(runtime);  // this server closes after each answer
    const Answer answer = client.call_and_wait({.method = Method::GET, .url = server.url(path)});
    CHECK(answer.status == 200);
    CHECK(answer.body == "abcde");
  }
  Client client(runtime);
  const Answer head = client.call_and_wait({.method = Method::HEAD, .url = server.url("/head")});
  CHECK(head.status == 200);
  CHECK(head.body.empty());
}

TEST_CASE("client: no redirect is followed") {
  const RawServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n");
  });
  Runtime runtime;
  Client client(runtime);
  CHECK(client.call_and_wait({.method = Method::GET, .url = server.url()}).status == 302);
}

TEST_CASE("client: an answer that does not come in time is TIMEOUT, and may have been sent") {
  const RawServer server([](RawSocket& socket) { socket.read_to_end(); });
  Runtime runtime;
  Client client(runtime);
  Call call = post(server.url());
  call.timeout = 150ms;
  const Answer answer = client.call_and_wait(call);
  CHECK(answer.status == 0);
  CHECK(answer.error == CallError::TIMEOUT);
  CHECK(answer.progress == Progress::MAYBE_SENT);
  CHECK(answer.took >= 150ms);
}

TEST_CASE("client: a call that waits for a connection in vain is TIMEOUT and was not sent") {
  const RawServer server([](RawSocket& socket) { socket.read_to_end(); });
  Runtime runtime;
  auto client =
      std::make_unique<Client>(runtime, ClientSettings{.connections_per_origin_max = 1, .waiting_per_origin_max = 1});
  std::promise<Answer> first;
  Call hanging = post(server.url());
  hanging.timeout = 60s;
  client->call(hanging, [&](Answer answer) { first.set_value(std::move(answer)); });
  std::promise<Answer> second;
  Call waiting = post(server.url());
  waiting.timeout = 150ms;
  client->call(waiting, [&](Answer answer) { second.set_value(std::move(answer)); });
  const Answer exhausted = client->call_and_wait(post(server.url()));
  CHECK(exhausted.error == CallError::POOL_EXHAUSTED);
  CHECK(exhausted.progress == Progress::NOT_SENT);
  const Answer timed_out = second.get_future().get();
  CHECK(timed_out.error == CallError::TIMEOUT);
  CHECK(timed_out.progress == Progress::NOT_SENT);
  auto cancelled = first.get_future();
  client.reset();
  REQUIRE(cancelled.wait_for(0s) == std::future_status::ready);  // before the destructor has returned
  const Answer answer = cancelled.get();
  CHECK(answer.error == CallError::CANCELLED);
  CHECK(answer.progress == Progress::MAYBE_SENT);
}

TEST_CASE("client: nobody listens: CONNECT and not sent; no such name: RESOLVE and not sent") {
  int free_port = 0;
  {
    free_port = RawServer([](RawSocket&) {}).port();
  }
  Runtime runtime;
  Client client(runtime);
  const Answer refused = client.call_and_wait(post("http://127.0.0.1:" + std::to_string(free_port) + "/"));
  CHECK(refused.error == CallError::CONNECT);
  CHECK(refused.progress == Progress::NOT_SENT);
  Call unknown = post("http://no-such-name.invalid/");
  unknown.connect_timeout = 10s;
  const Answer unresolved = client.call_and_wait(unknown);
  CHECK(unresolved.error == CallError::RESOLVE);
  CHECK(unresolved.progress == Progress::NOT_SENT);
}

TEST_CASE("client: a connection that is reset or closed in the middle is RESET and may have been sent") {
  const RawServer server([](RawSocket& socket) {
    const std::string head = socket.read_until("\r\n\r\n{}");
    if (head.find("/reset") != std::string::npos) return socket.reset();
    if (head.find("/half") != std::string::npos) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
  });
  Runtime runtime;
  Client client(runtime);
  for (const char* path : {"/reset", "/half", "/nothing"}) {
    INFO(path);
    const Answer answer = client.call_and_wait(post(server.url(path)));
    CHECK(answer.status == 0);
    CHECK(answer.error == CallError::RESET);
    CHECK(answer.progress == Progress::MAYBE_SENT);
    CHECK(answer.body.empty());
  }
}

TEST_CASE("client: answers over the limit and answers that are not HTTP are refused") {
  const RawServer server([](RawSocket& socket) {
    const std::string head = socket.read_until("\r\n\r\n{}");
    if (head.find("/length") != std::string::npos) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n");
    if (head.find("/chunked") != std::string::npos) {
      socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n" + std::string(4096, 'x') + "\r\n");
    }
    if (head.find("/endless") != std::string::npos) {
      socket.send("HTTP/1.1 200 OK\r\n\r\n");
      while (socket.send(std::string(4096, 'x'))) {
      }
    }
    if (head.find("/header") != std::string::npos) {
      socket.send("HTTP/1.1 200 OK\r\n");
      while (socket.send("X-A: " + std::string(1000, 'x') + "\r\n")) {
      }
    }
    if (head.find("/smtp") != std::string::npos) socket.send("220 mail.example ESMTP\r\n\r\n");
    if (head.find("/upgrade") != std::string::npos) socket.send("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n");
    socket.read_to_end();
  });
  Runtime runtime;
  Client client(runtime);
  for (const char* path : {"/length", "/chunked", "/endless", "/header", "/smtp", "/upgrade"}) {
    INFO(path);
    Call call = post(server.url(path));
    call.answer_bytes_max = 1000;
    const Answer answer = client.call_and_wait(call);
    const bool garbage = std::string_view(path) == "/smtp" || std::string_view(path) == "/upgrade";
    CHECK(answer.status == 0);
    CHECK(answer.error == (garbage ? CallError::BAD_ANSWER : CallError::ANSWER_TOO_LARGE));
    CHECK(answer.progress == Progress::MAYBE_SENT);
  }
}

TEST_CASE("client: an idle connection that the other end has closed is not used again") {
  std::counting_semaphore closed(0);
  const RawServer server([&](RawSocket& socket) {
    socket.read_until("\r\n\r\n{}");
    socket.send(ok("x"));  // says keep-alive, but closes
    socket.close();
    closed.release();
  });
  Runtime runtime;
  Client client(runtime);
  for (int i = 0; i < 200; ++i) {
    CHECK(client.call_and_wait(post(server.url())).status == 200);
    REQUIRE(closed.try_acquire_for(answer_wait_max));
  }
}

TEST_CASE("client: an idle connection that is too old is not used again") {
  std::atomic<int> connections{0};
  const RawServer server([&](RawSocket& socket) {
    ++connections;
    while (!socket.read_until("\r\n\r\n{}").empty()) socket.send(ok("x"));
  });
  Runtime runtime;
  Client client(runtime, {.idle_max = 0ms});
  for (int i = 0; i < 3; ++i) {
    CHECK(client.call_and_wait(post(server.url())).status == 200);
    const auto since = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - since < 1ms) std::this_thread::yield();
  }
  CHECK(connections == 3);
}

TEST_CASE("client: a URL or header that can't be sent is BAD_CALL, and the detail holds no value") {
  Runtime runtime;
  Client client(runtime);
  for (const char* url : {"", "ftp://h/", "http:///x", "http://u:secret@h/", "http://h:99999/", "http://h/a b", "/x"}) {
    INFO(url);
    const Answer answer = client.call_and_wait(post(url));
    CHECK(answer.error == CallError::BAD_CALL);
    CHECK(answer.progress == Progress::NOT_SENT);
    CHECK(answer.detail.find("secret") == std::string::npos);
  }
  Call injected = post("http://127.0.0.1:1/");
  injected.headers = {{"X-Token", "secret\r\nX-Other: 1"}};
  const Answer answer = client.call_and_wait(injected);
  CHECK(answer.error == CallError::BAD_CALL);
  CHECK(answer.detail == "the header X-Token can't be sent");
}

TEST_CASE("client: thousands of calls at once from several threads share a few connections") {
  Runtime runtime(2);
  Router router;
  router.add_async(Method::POST, "/{id}",
                   [](Request&& request, Reply reply) { reply(json(200, request.path + request.body)); });
  Server server(runtime, {}, std::move(router));
  Client client(runtime, {.connections_per_origin_max = 16});
  constexpr int threads = 4;
  constexpr int calls = 1'000;
  std::atomic<int> right{0};
  std::atomic<int> answered{0};
  std::promise<void> all;
  std::vector<std::thread> callers;
  for (int t = 0; t < threads; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < calls; ++i) {
        const std::string path = "/" + std::to_string(t * calls + i);
        const std::string body(static_cast<std::size_t>(i) * 50, 'b');
        client.call(post("http://127.0.0.1:" + std::to_string(server.port()) + path, body),
                    [&, path, body](const Answer& answer) {
                      if (answer.status == 200 && answer.body == path + body) ++right;
                      if (++answered == threads * calls) all.set_value();
                    });
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  REQUIRE(all.get_future().wait_for(answer_wait_max * 2) == std::future_status::ready);
  CHECK(right == threads * calls);
}

TEST_CASE("client: a callback may call again and may end the client") {
  const RawServer server([](RawSocket& socket) {
    while (!socket.read_until("\r\n\r\n{}").empty()) socket.send(ok("x"));
  });
  Runtime runtime;
  auto client = std::make_unique<Client>(runtime);
  std::promise<int> second;
  client->call(post(server.url()), [&](const Answer&) {
    client->call(post(server.url()), [&](const Answer& answer) {
      client.reset();
      second.set_value(answer.status);
    });
  });
  auto status = second.get_future();
  REQUIRE(status.wait_for(answer_wait_max) == std::future_status::ready);
  CHECK(status.get() == 200);
}

TEST_CASE("runtime: work is run in order, later work after its delay") {
  Runtime runtime;
  std::vector<int> order;
  std::promise<void> done;
  const auto begin = std::chrono::steady_clock::now();
  runtime.after(20ms, [&] {
    order.push_back(3);
    done.set_value();
  });
  runtime.post([&] { order.push_back(1); });
  runtime.post([&] { order.push_back(2); });
  REQUIRE(done.get_future().wait_for(answer_wait_max) == std::future_status::ready);
  CHECK(order == std::vector<int>{1, 2, 3});
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
}

TEST_CASE("runtime: after its stop calls are cancelled, and server and client end") {
  Runtime runtime;
  Router router;
  router.add_async(Method::POST, "/", [](Request&&, Reply reply) { reply(json(200, "1")); });
  Server server(runtime, {}, std::move(router));
  Client client(runtime);
  const std::string url = "http://127.0.0.1:" + std::to_string(server.port());
  CHECK(client.call_and_wait(post(url)).status == 200);
  runtime.stop();
  CHECK(client.call_and_wait(post(url)).error == CallError::CANCELLED);
}
