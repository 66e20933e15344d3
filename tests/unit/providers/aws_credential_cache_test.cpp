#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <thread>

#include "provider-dispatcher/adapters/providers/aws/signed_calls.hpp"
#include "unit/providers/aws_fake_server.hpp"

namespace {

using namespace carillon::dispatcher::aws;
using namespace carillon::dispatcher::testing;
using carillon::Failure;
using carillon::Result;
using carillon::UtcTime;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
namespace http = carillon::http;

constexpr seconds patience{20};
const UtcTime start = *carillon::from_rfc3339("2026-09-01T10:00:00Z");

// Answers when the test says so.
class ScriptedSource final : public CredentialSource {
 public:
  struct Script {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Done> open;  // guarded by mutex
    int fetches = 0;         // guarded by mutex

    void answer(const Result<IssuedCredentials>& result) {
      Done done;
      {
        std::unique_lock lock(mutex);
        if (!changed.wait_for(lock, patience, [&] { return !open.empty(); })) throw std::runtime_error("no fetch runs");
        done = std::move(open.front());
        open.erase(open.begin());
      }
      done(result);
    }
    int count() {
      const std::lock_guard lock(mutex);
      return fetches;
    }
    // An unanswered fetch keeps the cache alive, and so this.
    void forget() {
      std::vector<Done> forgotten;
      const std::lock_guard lock(mutex);
      forgotten.swap(open);
    }
  };
  explicit ScriptedSource(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  void fetch(Done done) override {
    {
      const std::lock_guard lock(script_->mutex);
      script_->open.push_back(std::move(done));
      ++script_->fetches;
    }
    script_->changed.notify_all();
  }

 private:
  const std::shared_ptr<Script> script_;
};

IssuedCredentials issued(const std::string& id, UtcTime expires_at) {
  return {{id, "secret", "token"}, expires_at};
}

const Failure refused{"AWS_CREDENTIALS_UNAVAILABLE", "STS: no"};

struct Bench {
  explicit Bench(CredentialLimits limits = {})
      : cache(std::make_shared<CredentialCache>(std::make_unique<ScriptedSource>(script), io, limits)) {}
  ~Bench() { script->forget(); }
  std::future<Result<Credentials>> get(UtcTime now) {
    auto promise = std::make_shared<std::promise<Result<Credentials>>>();
    auto future = promise->get_future();
    cache->get(now, [promise](Result<Credentials> result) { promise->set_value(std::move(result)); });
    return future;
  }
  http::Runtime io;
  std::shared_ptr<ScriptedSource::Script> script = std::make_shared<ScriptedSource::Script>();
  std::shared_ptr<CredentialCache> cache;
};

Result<Credentials> value(std::future<Result<Credentials>>& future) {
  if (future.wait_for(patience) != std::future_status::ready) throw std::runtime_error("a caller was never answered");
  return future.get();
}

std::string id_of(std::future<Result<Credentials>> future) {
  const auto result = value(future);
  return result ? result->access_key_id : result.error().detail;
}

bool is_waiting(const std::future<Result<Credentials>>& future) {
  return future.wait_for(seconds{0}) != std::future_status::ready;
}

TEST_CASE("credential cache: callers wait for one fetch and then share what it brought") {
  Bench bench;
  std::vector<std::future<Result<Credentials>>> waiting;
  for (int i = 0; i < 50; ++i) waiting.push_back(bench.get(start));
  CHECK(std::all_of(waiting.begin(), waiting.end(), is_waiting));
  bench.script->answer(issued("A", start + minutes{60}));
  for (auto& one : waiting) CHECK(id_of(std::move(one)) == "A");
  CHECK(id_of(bench.get(start + minutes{54})) == "A");
  CHECK(bench.script->count() == 1);
}

TEST_CASE("credential cache: many threads cause one fetch") {
  Bench bench;
  std::vector<std::future<std::string>> threads;
  for (int i = 0; i < 8; ++i) {
    threads.push_back(std::async(std::launch::async, [&] { return id_of(bench.get(start)); }));
  }
  bench.script->answer(issued("A", start + minutes{60}));
  for (auto& thread : threads) {
    REQUIRE(thread.wait_for(patience) == std::future_status::ready);
    CHECK(thread.get() == "A");
  }
  CHECK(bench.script->count() == 1);
}

TEST_CASE("credential cache: five minutes before their end new ones are fetched, and nobody waits for them") {
  Bench bench;
  auto first = bench.get(start);
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(std::move(first)) == "A");
  const UtcTime late = start + minutes{55};
  CHECK(id_of(bench.get(late - milliseconds{1})) == "A");
  CHECK(bench.script->count() == 1);
  CHECK(id_of(bench.get(late)) == "A");
  CHECK(id_of(bench.get(late)) == "A");
  CHECK(bench.script->count() == 2);
  bench.script->answer(issued("B", late + minutes{60}));
  CHECK(id_of(bench.get(late)) == "B");
}

TEST_CASE("credential cache: after a failed refresh those that are still valid go on being used, with pauses") {
  Bench bench;
  auto first = bench.get(start);
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(std::move(first)) == "A");
  const UtcTime late = start + minutes{56};
  CHECK(id_of(bench.get(late)) == "A");
  bench.script->answer(refused);
  CHECK(id_of(bench.get(late + seconds{4})) == "A");
  CHECK(bench.script->count() == 2);
  CHECK(id_of(bench.get(late + seconds{5})) == "A");
  CHECK(bench.script->count() == 3);
  bench.script->answer(refused);
  // Too near to their end to be of use: now callers wait.
  auto last = bench.get(start + minutes{60} - seconds{10});
  CHECK(is_waiting(last));
  bench.script->answer(refused);
  CHECK(id_of(std::move(last)) == "STS: no");
}

TEST_CASE("credential cache: without credentials a failure is told at once until the pause is over") {
  Bench bench;
  auto first = bench.get(start);
  bench.script->answer(refused);
  CHECK(id_of(std::move(first)) == "STS: no");
  CHECK(id_of(bench.get(start + seconds{4})) == "STS: no");
  CHECK(bench.script->count() == 1);
  auto again = bench.get(start + seconds{5});
  CHECK(is_waiting(again));
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(std::move(again)) == "A");
}

TEST_CASE("credential cache: a clock that was set back does not lengthen the pause") {
  Bench bench;
  auto first = bench.get(start);
  bench.script->answer(refused);
  CHECK(id_of(std::move(first)) == "STS: no");
  auto again = bench.get(start - minutes{60});
  bench.script->answer(issued("A", start));
  CHECK(id_of(std::move(again)) == "A");
}

TEST_CASE("credential cache: credentials that come with less than five minutes are not fetched at every call") {
  Bench bench;
  auto first = bench.get(start);
  bench.script->answer(issued("A", start + minutes{2}));
  CHECK(id_of(std::move(first)) == "A");
  CHECK(id_of(bench.get(start + seconds{4})) == "A");
  CHECK(bench.script->count() == 1);
  CHECK(id_of(bench.get(start + seconds{5})) == "A");
  CHECK(bench.script->count() == 2);
}

TEST_CASE("credential cache: a caller waits no longer than the limit, and the fetch serves later ones") {
  CredentialLimits limits;
  limits.wait_max = milliseconds{50};
  Bench bench(limits);
  CHECK(id_of(bench.get(start)).find("did not come within 50 ms") != std::string::npos);
  CHECK(bench.script->count() == 1);
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(bench.get(start)) == "A");
}

TEST_CASE(
    "credential cache: a key that AWS has refused is replaced with the next call, one that is no longer used is not") {
  Bench bench;
  auto first = bench.get(start);
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(std::move(first)) == "A");
  const UtcTime later = start + minutes{1};
  bench.cache->doubt("B");
  CHECK(id_of(bench.get(later)) == "A");
  CHECK(bench.script->count() == 1);
  bench.cache->doubt("A");
  CHECK(id_of(bench.get(start + seconds{1})) == "A");  // the pause is not over
  CHECK(bench.script->count() == 1);
  CHECK(id_of(bench.get(later)) == "A");
  bench.script->answer(issued("B", later + minutes{60}));
  CHECK(id_of(bench.get(later)) == "B");
  CHECK(id_of(bench.get(later + minutes{1})) == "B");
  CHECK(bench.script->count() == 2);
}

TEST_CASE("credential cache: the number of waiting callers is bounded") {
  CredentialLimits limits;
  limits.waiting_max = 2;
  Bench bench(limits);
  auto first = bench.get(start), second = bench.get(start);
  CHECK(id_of(bench.get(start)).find("too many calls wait") != std::string::npos);
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(std::move(first)) == "A");
  CHECK(id_of(std::move(second)) == "A");
}

TEST_CASE("credential cache: callers are answered although the cache has been let go") {
  Bench bench;
  auto waiting = bench.get(start);
  bench.cache.reset();
  bench.script->answer(issued("A", start + minutes{60}));
  CHECK(id_of(std::move(waiting)) == "A");
}

struct CallBench {
  explicit CallBench(AwsSettings settings) : calls(std::move(settings), client, io) {}
  Result<SignedAnswer> call(const std::string& url, milliseconds timeout = seconds{10}) {
    http::Call call;
    call.url = url;
    call.timeout = timeout;
    std::promise<Result<SignedAnswer>> promise;
    auto answer = promise.get_future();
    calls.call(std::move(call), "sns", start,
               [&](Result<SignedAnswer> result) { promise.set_value(std::move(result)); });
    if (answer.wait_for(patience) != std::future_status::ready) throw std::runtime_error("a call was never answered");
    return answer.get();
  }
  http::Runtime io;
  http::Client client{io};
  SignedCalls calls;
};

TEST_CASE("signed calls: temporary credentials are fetched once and sign every call, with their token") {
  FakeServer agent([](const http::Request&) {
    return respond(
        200, R"({"AccessKeyId":"ASIA1","SecretAccessKey":"s1","Token":"t1","Expiration":"2026-09-01T18:00:00Z"})");
  });
  FakeServer service([](const http::Request&) { return respond(200, "ok"); });
  AwsSettings settings;
  settings.region = "eu-west-1";
  settings.container_url = agent.url("/c");
  CallBench bench(settings);
  for (int i = 0; i < 3; ++i) {
    const auto result = bench.call(service.url("/"));
    REQUIRE(result);
    CHECK(result->answer.body == "ok");
    CHECK(std::find(result->secrets.begin(), result->secrets.end(), "s1") != result->secrets.end());
    CHECK(std::find(result->secrets.begin(), result->secrets.end(), "t1") != result->secrets.end());
  }
  CHECK(agent.requests().size() == 1);
  const auto requests = service.requests();
  REQUIRE(requests.size() == 3);
  CHECK(http::field(requests[2].headers, "X-Amz-Security-Token") == "t1");
  CHECK(http::field(requests[2].headers, "X-Amz-Date") == "20260901T100000Z");
  CHECK(
      http::field(requests[2].headers, "Authorization").find("Credential=ASIA1/20260901/eu-west-1/sns/aws4_request") !=
      std::string_view::npos);
}

TEST_CASE("signed calls: without credentials nothing is written, and the outcome is the account's") {
  FakeServer agent([](const http::Request&) { return respond(403, R"({"code":"AccessDenied"})"); });
  FakeServer service([](const http::Request&) { return respond(200, "ok"); });
  AwsSettings settings;
  settings.container_url = agent.url("/c");
  CallBench bench(settings);
  const auto result = bench.call(service.url("/"));
  REQUIRE_FALSE(result);
  CHECK(service.requests().empty());
  const auto outcome = outcome_without_credentials(result.error());
  CHECK(outcome.kind == carillon::dispatcher::OutcomeKind::ACCOUNT);
  CHECK(outcome.reason == carillon::dispatcher::Reason::AUTHENTICATION);
  CHECK(outcome.detail == "no AWS credentials: container credentials: HTTP status 403 AccessDenied");
}

}  // namespace
