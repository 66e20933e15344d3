// The page for one-time codes and its relay: a server of our own stands where Carillon will be.
#include <catch2/catch.hpp>
#include <condition_variable>
#include <future>
#include <mutex>

#include "http/server.hpp"
#include "running_sandbox.hpp"
#include "sandbox/adapters/otp_relay.hpp"
#include "service/log.hpp"
#include "service/testing/captured_log.hpp"

namespace {

using namespace carillon;
using carillon::testing::CapturedLog;
using http::Answer;
using http::Method;
using sandbox::RunningSandbox;

const std::string key = "ck_test_4f9a17c0d2be";
const http::Fields with_key{{"Content-Type", "application/json"}, {"Authorization", "Bearer " + key}};

// Keeps what comes, and answers with what it was told.
class Carillon {
 public:
  Carillon() : server_(runtime_, {}, router()) {}
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  void answer_with(http::Response response) {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
  }
  void say_nothing() {
    const std::lock_guard lock(mutex_);
    silent_ = true;
  }
  bool wait_for_request() {
    std::unique_lock lock(mutex_);
    return came_.wait_for(lock, std::chrono::seconds{20}, [this] { return !requests_.empty(); });
  }
  std::vector<http::Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  http::Router router() {
    http::Router router;
    router.add_async(Method::POST, "/{path...}", [this](http::Request&& request, http::Reply reply) {
      const std::lock_guard lock(mutex_);
      requests_.push_back(std::move(request));
      came_.notify_all();
      if (silent_) {
        unanswered_.push_back(std::move(reply));
      } else {
        reply(response_);
      }
    });
    return router;
  }

  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<http::Request> requests_;
  std::vector<http::Reply> unanswered_;
  http::Response response_ = http::json(200, R"({"verified":true})");
  bool silent_ = false;
  http::Runtime runtime_;
  http::Server server_;
};

sandbox::SandboxSettings calling(const std::string& url) {
  sandbox::SandboxSettings settings;
  settings.carillon_url = url;
  return settings;
}

// Until it is answered, on a thread of its own.
std::future<http::Answer> ask_beside(const std::string& sandbox_url) {
  return std::async(std::launch::async, [sandbox_url] {
    http::Runtime runtime;
    http::Client client(runtime);
    http::Call call;
    call.url = sandbox_url + "/otp/relay/send";
    call.headers = with_key;
    call.body = "{}";
    return client.call_and_wait(std::move(call));
  });
}

TEST_CASE("otp relay: method, body and Authorization reach Carillon's route, and nothing else of the request does") {
  Carillon carillon;
  RunningSandbox sandbox(calling(carillon.url()));
  const std::string body = R"({"phone_number":"+447700900123","action":"PHONE_VERIFY"})";
  http::Fields headers = with_key;
  headers.emplace_back("Cookie", "a=b");
  headers.emplace_back("X-Forwarded-For", "203.0.113.9");
  for (const char* name : {"send", "verify", "redeem"})
    CHECK(sandbox.post("/otp/relay/" + std::string(name), body, headers).status == 200);
  const auto requests = carillon.requests();
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].path == "/api/otp/send");
  CHECK(requests[1].path == "/api/otp/verify");
  CHECK(requests[2].path == "/api/otp/step-up/redeem");
  for (const http::Request& request : requests) {
    CHECK(request.method == Method::POST);
    CHECK(request.body == body);
    CHECK(http::field(request.headers, "Authorization") == "Bearer " + key);
    CHECK(http::field(request.headers, "Content-Type") == "application/json");
    CHECK(http::field(request.headers, "Host") == carillon.url().substr(7));
    CHECK(http::field(request.headers, "Cookie").empty());
    CHECK(http::field(request.headers, "X-Forwarded-For").empty());
  }
}

TEST_CASE("otp relay: the answer comes back as it was, without rights on the sandbox's pages") {
  Carillon carillon;
  RunningSandbox sandbox(calling(carillon.url()));
  http::Response limited = http::problem(429, "RATE_LIMITED", "too many; try again");
  limited.headers = {{"Retry-After", "7"}, {"Set-Cookie", "a=b"}, {"Location", "https://elsewhere.example/"}};
  carillon.answer_with(limited);
  const Answer answer = sandbox.post("/otp/relay/send", "{}", with_key);
  CHECK(answer.status == 429);
  CHECK(answer.body == limited.body);
  CHECK(http::field(answer.headers, "Content-Type") == limited.content_type);
  CHECK(http::field(answer.headers, "Retry-After") == "7");
  CHECK(http::field(answer.headers, "Set-Cookie").empty());
  CHECK(http::field(answer.headers, "Location").empty());
  CHECK(http::field(answer.headers, "Content-Security-Policy").find("default-src 'none'") == 0);
  CHECK(http::field(answer.headers, "Cache-Control") == "no-store");
}

TEST_CASE("otp relay: without a key none is sent") {
  Carillon carillon;
  RunningSandbox sandbox(calling(carillon.url()));
  CHECK(sandbox.post("/otp/relay/send", "{}", {{"Content-Type", "application/json; charset=utf-8"}}).status == 200);
  CHECK(http::field(carillon.requests().at(0).headers, "Authorization").empty());
}

TEST_CASE("otp relay: an address in the request changes nothing") {
  Carillon carillon, other;
  RunningSandbox sandbox(calling(carillon.url()));
  http::Fields headers = with_key;
  headers.emplace_back("X-Carillon-Url", other.url());
  headers.emplace_back("Forwarded", "host=" + other.url().substr(7));
  CHECK(sandbox.post("/otp/relay/send?carillon=" + other.url(), R"({"carillon":")" + other.url() + "\"}", headers)
            .status == 200);
  CHECK(sandbox.post("/otp/relay/" + other.url(), "{}", headers).status == 404);
  CHECK(sandbox.post("/otp/relay/../../notifications", "{}", headers).status == 404);
  CHECK(sandbox.post("/otp/relay/verified", "{}", headers).status == 404);
  CHECK(carillon.requests().size() == 1);
  CHECK(other.requests().empty());
}

TEST_CASE("otp relay: not configured it is 503 and says what to set") {
  RunningSandbox sandbox;
  const Answer answer = sandbox.post("/otp/relay/send", "{}", with_key);
  CHECK(answer.status == 503);
  CHECK(http::field(answer.headers, "Content-Type") == "application/problem+json");
  CHECK(answer.body.find("\"PLATFORM_URL_NOT_SET\"") != std::string::npos);
}

TEST_CASE("otp relay: where nobody listens it is 503, and says which address that was") {
  std::string url;
  {
    const Carillon gone;
    url = gone.url();
  }
  RunningSandbox sandbox(calling(url));
  const Answer answer = sandbox.post("/otp/relay/verify", "{}", with_key);
  CHECK(answer.status == 503);
  CHECK(answer.body.find("\"PLATFORM_UNREACHABLE\"") != std::string::npos);
  CHECK(answer.body.find(url + " did not answer (CONNECT)") != std::string::npos);
}

TEST_CASE(
    "otp relay: a Carillon that says nothing is 503 when the time is over; the sandbox answers others meanwhile") {
  Carillon carillon;
  carillon.say_nothing();
  sandbox::SandboxSettings settings = calling(carillon.url());
  settings.carillon_timeout = std::chrono::milliseconds{300};
  RunningSandbox sandbox(settings);
  auto asking = ask_beside(sandbox.url());
  REQUIRE(carillon.wait_for_request());
  CHECK(sandbox.call(Method::GET, "/healthz").status == 200);
  const Answer answer = asking.get();
  CHECK(answer.status == 503);
  CHECK(answer.body.find("did not answer (TIMEOUT)") != std::string::npos);
  CHECK(answer.took >= settings.carillon_timeout);
}

TEST_CASE("otp relay: a call under way does not keep the sandbox from ending") {
  Carillon carillon;
  carillon.say_nothing();
  std::future<http::Answer> asking;
  {
    RunningSandbox sandbox(calling(carillon.url()));
    asking = ask_beside(sandbox.url());
    REQUIRE(carillon.wait_for_request());
  }
  CHECK(asking.get().status != 200);
  CHECK(carillon.requests().size() == 1);
}

TEST_CASE("otp relay: answers and bodies over their bounds are refused") {
  Carillon carillon;
  RunningSandbox sandbox(calling(carillon.url()));
  carillon.answer_with(http::json(200, std::string(sandbox::otp_relay_answer_bytes_max, 'a')));
  CHECK(sandbox.post("/otp/relay/send", "{}", with_key).status == 200);
  carillon.answer_with(http::json(200, std::string(sandbox::otp_relay_answer_bytes_max + 1, 'a')));
  const Answer large = sandbox.post("/otp/relay/send", "{}", with_key);
  CHECK(large.status == 502);
  CHECK(large.body.find("\"PLATFORM_ANSWER_TOO_LARGE\"") != std::string::npos);
  CHECK(large.body.size() < 1'000);
  CHECK(sandbox.post("/otp/relay/send", std::string(sandbox::otp_relay_body_bytes_max + 1, ' '), with_key).status ==
        413);
  CHECK(carillon.requests().size() == 2);
}

TEST_CASE("otp relay: only POST with JSON, and not from another site") {
  Carillon carillon;
  RunningSandbox sandbox(calling(carillon.url()));
  CHECK(sandbox.call(Method::GET, "/otp/relay/send").status == 405);
  CHECK(sandbox.post("/otp/relay/send", "{}", {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(sandbox.post("/otp/relay/send", "{}", {}).status == 415);
  http::Fields headers = with_key;
  headers.emplace_back("Sec-Fetch-Site", "cross-site");
  CHECK(sandbox.post("/otp/relay/send", "{}", headers).status == 403);
  CHECK(carillon.requests().empty());
}

TEST_CASE("otp relay: no log line and no page holds the key, whatever a call comes to") {
  CapturedLog log;
  log::configure("sandbox-test", log::Level::DEBUG);
  log::debug("capture_works");
  std::string shown;
  {
    Carillon carillon;
    RunningSandbox sandbox(calling(carillon.url()));
    sandbox.post("/otp/relay/send", "{}", with_key);
    carillon.answer_with(http::json(200, std::string(sandbox::otp_relay_answer_bytes_max + 1, 'a')));
    sandbox.post("/otp/relay/verify", "{}", with_key);
    sandbox.post("/otp/relay/nothing", "{}", with_key);
    for (const char* path : {"/otp", "/", "/messages", "/calls", "/stats", "/control"}) shown += sandbox.get(path);
  }
  RunningSandbox alone(calling("http://127.0.0.1:1"));
  shown += alone.post("/otp/relay/send", "{}", with_key).body;
  log::configure("sandbox-test", log::Level::INFO);
  const std::string text = log.text();
  CHECK(text.find("capture_works") != std::string::npos);
  CHECK(text.find(key) == std::string::npos);
  CHECK(shown.find("One-time codes") != std::string::npos);
  CHECK(shown.find(key) == std::string::npos);
}

TEST_CASE("otp page: says where it calls or what to set, and is as strict as the inbox page that leads to it") {
  RunningSandbox sandbox(calling("http://127.0.0.1:8080"));
  const Answer page = sandbox.call(Method::GET, "/otp");
  CHECK(page.status == 200);
  CHECK(page.body.find("value=\"http://127.0.0.1:8080\"") != std::string::npos);
  CHECK(page.body.find("not-configured") == std::string::npos);
  CHECK(http::field(page.headers, "Content-Security-Policy") ==
        http::field(sandbox.call(Method::GET, "/").headers, "Content-Security-Policy"));
  CHECK(page.body.find("nothing here is really sent") != std::string::npos);
  CHECK(sandbox.get("/").find("href=\"/otp\"") != std::string::npos);
  const Answer script = sandbox.call(Method::GET, "/assets/otp.js");
  CHECK(http::field(script.headers, "Content-Type") == "text/javascript; charset=utf-8");
  CHECK(script.body.find("/otp/relay/") != std::string::npos);
  CHECK(RunningSandbox().get("/otp").find("id=\"not-configured\"") != std::string::npos);
}

}  // namespace
