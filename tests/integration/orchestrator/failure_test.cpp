#include <catch2/catch.hpp>

#include "integration/orchestrator/pipe.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

const char* body =
    R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":"x"}})";

struct Failpoints {
  explicit Failpoints(const char* text) { configure_failpoints(text); }
  ~Failpoints() { configure_failpoints(""); }
};

}  // namespace

TEST_CASE(
    "failure: a database that goes away before or after the commit answers 503, the same key again sends exactly one "
    "message") {
  for (const char* place : {"orchestrator.accept.before_commit=error@1", "orchestrator.accept.after_commit=error@1"}) {
    INFO(place);
    Pipe pipe;
    REQUIRE(pipe.wait_ready());
    {
      const Failpoints failpoints(place);
      const auto refused = pipe.post(body, {{"Idempotency-Key", "k"}});
      CHECK(refused.status == 503);
      CHECK_FALSE(http::field(refused.headers, "Retry-After").empty());
    }
    REQUIRE(pipe.post(body, {{"Idempotency-Key", "k"}}).status == 202);
    REQUIRE(pipe.post(body, {{"Idempotency-Key", "marker"}}).status == 202);
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::send_requests) >= 2; }));
    CHECK(pipe.seen.count(bus::topics::send_requests) == 2);
  }
}

TEST_CASE("failure: a batch that fails before its commit is decided again, once") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const Failpoints failpoints("orchestrator.decide.before_commit=error@1");
  std::vector<bus::Record> records;
  for (int n = 0; n < 20; ++n) records.push_back(Pipe::binary("/shop", "e" + std::to_string(n), body));
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 20; }));
  CHECK(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 20; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 20);
}

TEST_CASE("failure: a release that fails before its commit keeps the messages waiting and counts nothing") {
  PipeOptions options;
  options.settings.email_per_minute_limit = 1;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests, {Pipe::binary("/shop", "a", body), Pipe::binary("/shop", "b", body)});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 1; }));
  const Failpoints failpoints("orchestrator.release.before_commit=error@1");
  pipe.clock.advance(std::chrono::seconds(62));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  CHECK(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 2; }));
  CHECK(pipe.number("SELECT sum(admitted) FROM orchestrator.throttle_window") == 1);
}

TEST_CASE("failure: a lost database session is replaced and the request can be sent again") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.post(body, {{"Idempotency-Key", "a"}}).status == 202);
  pipe.owner.run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name "
      "LIKE 'orchestrator-%'");
  int status = 0;
  CHECK(pipe.seen.wait([&] {
    status = pipe.post(body, {{"Idempotency-Key", "b"}}).status;
    return status != 503;
  }));
  CHECK(status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
}
