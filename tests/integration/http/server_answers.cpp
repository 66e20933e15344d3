#include <catch2/catch.hpp>
#include <future>

#include "http/server.hpp"
#include "integration/http/raw_socket.hpp"

using namespace carillon::http;
using namespace carillon::http::testing;
using namespace std::chrono_literals;

namespace {

constexpr auto wait_max = 20s;

// Replies that a test gives when it wants to.
class Held {
 public:
  AsyncHandler handler() {
    return [this](Request&& request, Reply reply) {
      const std::lock_guard lock(mutex_);
      replies_.emplace_back(request.path, std::move(reply));
      changed_.notify_all();
    };
  }
  std::vector<std::pair<std::string, Reply>> take(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, wait_max, [&] { return replies_.size() >= count; })) {
      throw std::runtime_error("requests did not arrive");
    }
    return std::exchange(replies_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<std::string, Reply>> replies_;
};

std::string get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
}

Handler text(std::string body) {
  return [body](const Request&) { return json(200, body); };
}

}  // namespace

TEST_CASE("server: one connection carries many requests, with and without bodies") {
  Runtime runtime;
  Router router;
  router.add(Method::POST, "/{name}",
             [](const Request& request) { return json(200, request.params.at("name") + request.body); });
  Server server(runtime, {}, std::move(router));
  auto socket = RawSocket::connect_to(server.port());
  for (int i = 0; i < 50; ++i) {
    const std::string body(static_cast<std::size_t>(i) * 37, 'b');
    socket.send("POST /n" + std::to_string(i) +
                " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    CHECK(socket.read_answer().ends_with("\r\n\r\nn" + std::to_string(i) + body));
  }
}

TEST_CASE("server: pipelined requests are answered in their order, whichever is ready first") {
  Held held;
  Runtime runtime;
  Router router;
  router.add_async(Method::GET, "/{name}", held.handler());
  Server server(runtime, {}, std::move(router));
  auto socket = RawSocket::connect_to(server.port());
  std::string requests;
  constexpr int count = 100;  // more than are taken at once
  for (int i = 0; i < count; ++i) requests += get("/" + std::to_string(i));
  socket.send(requests);
  int answered = 0;
  while (answered < count) {
    auto batch = held.take(1);
    for (auto reply = batch.rbegin(); reply != batch.rend(); ++reply) {
      const std::string path = reply->first;
      reply->second(json(200, path));
    }
    for (std::size_t i = 0; i < batch.size(); ++i, ++answered) {
      CHECK(socket.read_answer().ends_with("\r\n\r\n/" + std::to_string(answered)));
    }
  }
}

TEST_CASE("server: a request that arrives byte by byte is understood") {
  Runtime runtime;
  Router router;
  router.add(Method::POST, "/", [](const Request& request) { return json(200, request.body); });
  Server server(runtime, {}, std::move(router));
  auto socket = RawSocket::connect_to(server.port());
  const std::string request =
      "\r\nPOST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: "
      "t\r\n\r\n";
  for (const char byte : request) socket.send({&byte, 1});
  CHECK(socket.read_answer().ends_with("\r\n\r\nabcde"));
}

TEST_CASE("server: 200 connections at once, replies from another thread") {
  Held held;
  Runtime runtime;
  Router router;
  router.add_async(Method::GET, "/{name}", held.handler());
  Server server(runtime, {}, std::move(router));
  std::vector<RawSocket> sockets;
  constexpr std::size_t count = 200;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(RawSocket::connect_to(server.port()));
    sockets.back().send(get("/" + std::to_string(i)));
  }
  std::thread([replies = held.take(count)]() mutable {
    for (auto& [path, reply] : replies) reply(json(200, path));
  }).join();
  for (std::size_t i = 0; i < count; ++i) CHECK(sockets[i].read_answer().ends_with("\r\n\r\n/" + std::to_string(i)));
}

TEST_CASE("server: several I/O threads share the connections") {
  Runtime runtime(3);
  Router router;
  router.add_async(Method::GET, "/{name}", [](Request&& request, Reply reply) { reply(json(200, request.path)); });
  Server server(runtime, {}, std::move(router));
  for (int i = 0; i < 30; ++i) {
    auto socket = RawSocket::connect_to(server.port());
    socket.send(get("/" + std::to_string(i)));
    CHECK(socket.read_answer().ends_with("\r\n\r\n/" + std::to_string(i)));
  }
}

TEST_CASE("server: a dropped reply and a handler that throws are 500, without the reason") {
  Runtime runtime;
  Router router;
  router.add_async(Method::GET, "/dropped", [](Request&&, Reply) {});
  router.add_async(Method::GET, "/async", [](Request&&, Reply) { throw std::runtime_error("secret"); });
  router.add(Method::GET, "/blocking", [](const Request&) -> Response { throw std::runtime_error("secret"); });
  Server server(runtime, {}, std::move(router));
  for (const char* path : {"/dropped", "/async", "/blocking"}) {
    auto socket = RawSocket::connect_to(server.port());
    socket.send(get(path));
    const std::string answer = socket.read_answer();
    CHECK(status_of(answer) == 500);
    CHECK(answer.find("INTERNAL_ERROR") != std::string::npos);
    CHECK(answer.find("secret") == std::string::npos);
  }
}

TEST_CASE("server: on_exception turns what was thrown into an answer, on_answer sees each") {
  struct Seen {
    std::string route, path;
    int status;
  };
  std::mutex mutex;
  std::vector<Seen> seen;
  Runtime runtime;
  Router router;
  const auto fail = [] { throw std::out_of_range("x"); };
  router.add_async(Method::GET, "/async/{id}", [&](Request&&, Reply) { fail(); });
  router.add(Method::GET, "/blocking/{id}", [&](const Request&) { return fail(), Response(); });
  ServerHooks hooks;
  hooks.on_exception = [](const Request& request, std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const std::out_of_range&) {
      return problem(503, "UNAVAILABLE", request.path);
    }
  };
  hooks.on_answer = [&](const Request& request, const Response& response, std::string_view route, auto took) {
    const std::lock_guard lock(mutex);
    if (took.count() >= 0) seen.push_back({std::string(route), request.path, response.status});
  };
  Server server(runtime, {}, std::move(router), std::move(hooks));
  auto socket = RawSocket::connect_to(server.port());
  for (const char* path : {"/async/1", "/blocking/2", "/none"}) {
    socket.send(get(path));
    const std::string answer = socket.read_answer();
    if (std::string_view(path) != "/none") CHECK(answer.find("\"detail\":\"" + std::string(path)) != std::string::npos);
  }
  const std::lock_guard lock(mutex);
  REQUIRE(seen.size() == 3);
  CHECK((seen[0].route == "/async/{id}" && seen[0].path == "/async/1" && seen[0].status == 503));
  CHECK((seen[1].route == "/blocking/{id}" && seen[1].path == "/blocking/2" && seen[1].status == 503));
  CHECK((seen[2].route.empty() && seen[2].path == "/none" && seen[2].status == 404));
}

TEST_CASE("server: a guard ends a request or leaves what it found in the parameters") {
  Runtime runtime;
  Router router;
  const Guard guard = [](Request& request) -> std::optional<Response> {
    if (field(request.headers, "authorization").empty()) return problem(401, "UNAUTHENTICATED", "");
    request.params["owner"] = "o1";
    return std::nullopt;
  };
  router.add(
      Method::GET, "/blocking", [](const Request& request) { return json(200, request.params.at("owner")); }, guard);
  router.add_async(
      Method::GET, "/async", [](Request&& request, Reply reply) { reply(json(200, request.params.at("owner"))); },
      guard);
  Server server(runtime, {}, std::move(router));
  auto socket = RawSocket::connect_to(server.port());
  for (const char* path : {"/blocking", "/async"}) {
    socket.send(get(path));
    CHECK(status_of(socket.read_answer()) == 401);
    socket.send(get(path, "Authorization: Bearer x\r\n"));
    CHECK(socket.read_answer().ends_with("\r\n\r\no1"));
  }
}

TEST_CASE("server: when all workers are busy and the queue is full, it answers 503 at once") {
  std::promise<void> open;
  const std::shared_future<void> gate = open.get_future().share();
  std::promise<void> begun;
  Runtime runtime;
  Router router;
  router.add(Method::GET, "/first", [&](const Request&) { return begun.set_value(), gate.wait(), json(200, "1"); });
  router.add(Method::GET, "/queued", [&](const Request&) { return gate.wait(), json(200, "1"); });
  router.add(Method::GET, "/refused", text("never"));
  std::promise<void> both_dispatched;
  router.add_async(Method::GET, "/after", [&](Request&&, Reply reply) {
    both_dispatched.set_value();
    reply(json(200, "1"));
  });
  Server server(runtime, {.workers = 1, .work_queue_max = 1}, std::move(router));
  auto first = RawSocket::connect_to(server.port());
  first.send(get("/first"));
  REQUIRE(begun.get_future().wait_for(wait_max) == std::future_status::ready);
  auto second = RawSocket::connect_to(server.port());
  second.send(get("/queued") + get("/refused") + get("/after"));  // dispatched in this order
  REQUIRE(both_dispatched.get_future().wait_for(wait_max) == std::future_status::ready);
  open.set_value();
  CHECK(status_of(first.read_answer()) == 200);
  CHECK(status_of(second.read_answer()) == 200);
  const std::string answer = second.read_answer();
  CHECK(status_of(answer) == 503);
  CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
}

TEST_CASE("server: a graceful stop answers what runs, closes what is idle and takes no more") {
  Held held;
  Runtime runtime;
  Router router;
  router.add_async(Method::GET, "/{name}", held.handler());
  auto server = std::make_unique<Server>(runtime, ServerSettings{}, std::move(router));
  auto running = RawSocket::connect_to(server->port());
  auto idle = RawSocket::connect_to(server->port());
  running.send(get("/1"));
  auto replies = held.take(1);
  auto stopped = std::async(std::launch::async, [&] { server->stop(wait_max); });
  CHECK(idle.read_to_end().empty());  // from here on the server is stopping
  replies.front().second(json(200, "done"));
  const std::string answer = running.read_to_end();
  CHECK(answer.find("Connection: close\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\ndone"));
  REQUIRE(stopped.wait_for(wait_max) == std::future_status::ready);
  CHECK_THROWS(RawSocket::connect_to(server->port()));
}

TEST_CASE("server: a stop does not wait longer than its grace, and late replies do no harm") {
  Held held;
  Runtime runtime;
  Router router;
  router.add_async(Method::GET, "/{name}", held.handler());
  auto server = std::make_unique<Server>(runtime, ServerSettings{}, std::move(router));
  auto running = RawSocket::connect_to(server->port());
  running.send(get("/1"));
  auto replies = held.take(1);
  server->stop(10ms);
  CHECK(running.read_to_end().empty());
  server.reset();
  replies.front().second(json(200, "late"));
  runtime.stop();
}

TEST_CASE("server: HEAD is a GET without body, a client may close its sending half, HTTP/1.0 is closed") {
  Runtime runtime;
  Router router;
  router.add(Method::GET, "/", text("12345"));
  Server server(runtime, {}, std::move(router));
  auto head = RawSocket::connect_to(server.port());
  head.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  head.shutdown_send();
  const std::string answer = head.read_to_end();
  CHECK(status_of(answer) == 200);
  CHECK(answer.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
  auto old = RawSocket::connect_to(server.port());
  old.send("GET / HTTP/1.0\r\n\r\n");
  CHECK(old.read_to_end().ends_with("\r\n\r\n12345"));
  auto old_kept = RawSocket::connect_to(server.port());
  for (int i = 0; i < 2; ++i) {
    old_kept.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK(old_kept.read_answer().find("Connection: keep-alive\r\n") != std::string::npos);
  }
}

TEST_CASE("server: Expect: 100-continue is told to go on, but not for a body that is too large") {
  Runtime runtime;
  Router router;
  router.add(Method::POST, "/", [](const Request& request) { return json(200, request.body); });
  Server server(runtime, {}, std::move(router));
  auto socket = RawSocket::connect_to(server.port());
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  CHECK(socket.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("12345");
  CHECK(socket.read_answer().ends_with("\r\n\r\n12345"));
  socket.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n");
  CHECK(status_of(socket.read_to_end()) == 413);
}

TEST_CASE("server: an answer with a header that would end a line is not sent") {
  Runtime runtime;
  Router router;
  router.add(Method::GET, "/", [](const Request& request) {
    Response response = json(200, "x");
    response.headers.emplace_back("Location", request.query.at("to"));
    return response;
  });
  Server server(runtime, {}, std::move(router));
  auto socket = RawSocket::connect_to(server.port());
  socket.send(get("/?to=a%0d%0aSet-Cookie:%20x"));
  const std::string answer = socket.read_answer();
  CHECK(status_of(answer) == 500);
  CHECK(answer.find("Set-Cookie") == std::string::npos);
}
