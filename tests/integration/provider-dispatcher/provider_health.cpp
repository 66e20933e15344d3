#include "world.hpp"

using namespace carillon;
using namespace carillon::dispatcher;
using namespace carillon::dispatcher::testing;
using events::Status;
using namespace std::chrono_literals;

namespace {

std::vector<events::Dispatch> some(const World& world, int count) {
  std::vector<events::Dispatch> dispatches;
  for (int i = 0; i < count; ++i) dispatches.push_back(world.dispatch());
  return dispatches;
}

bool all_end(World& world, const std::vector<events::Dispatch>& dispatches, Status status) {
  return std::all_of(dispatches.begin(), dispatches.end(),
                     [&](const auto& dispatch) { return world.until_status(dispatch.message_id, status); });
}

std::vector<events::SendRequest> failover_alerts(World& world) {
  std::vector<events::SendRequest> found;
  for (auto& request : world.send_requests()) {
    if (request.template_key == "OPS_ALERT_PROVIDER_FAILOVER") found.push_back(std::move(request));
  }
  return found;
}

std::int64_t looks(World& world) {
  return world.number("SELECT coalesce(sum(calls), 0)::bigint FROM dispatcher.provider_calls");
}

}  // namespace

TEST_CASE("failover alert: an open primary before a working secondary is told of, by one of three instances") {
  carillon::testing::ManualClock clock(*from_rfc3339("2026-11-30T12:04:00Z"));
  World world(clock);
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::TIMEOUT));
  for (int i = 0; i < 3; ++i) world.start({postmark, smtp});
  const auto tripping = some(world, 6);
  world.publish(tripping);
  REQUIRE(all_end(world, tripping, Status::SENT));
  REQUIRE(world.until([&] { return failover_alerts(world).size() == 1; }));
  CHECK(failover_alerts(world)[0].variables.text ==
        R"({"channel":"EMAIL","primary":"postmark","secondary":"smtp","since":"2026-11-30 12:04 UTC",)"
        R"("last_error":"TIMEOUT 599: as the test says"})");
  CHECK(failover_alerts(world)[0].context->requested_by == "carillon/provider-dispatcher");
  // Every instance has looked again since, and only when the hour is over somebody says so again. The bus shares its
  // partitions out by the same clock, so time goes on while the test waits.
  clock.advance(50min);
  const std::int64_t before = looks(world);
  const auto more = some(world, 3);
  world.publish(more);
  REQUIRE(world.until([&] {
    clock.advance(50ms);
    return std::all_of(more.begin(), more.end(), [&](const auto& dispatch) {
      const auto statuses = world.statuses(dispatch.message_id);
      return !statuses.empty() && statuses.back() == Status::SENT;
    });
  }));
  REQUIRE(world.until([&] { return looks(world) >= before + 3; }));
  CHECK(failover_alerts(world).size() == 1);
  clock.advance(10min);
  REQUIRE(world.until([&] { return failover_alerts(world).size() == 2; }));
  CHECK(failover_alerts(world)[0].idempotency_key != failover_alerts(world)[1].idempotency_key);
}

TEST_CASE("failover alert: bad credentials at the primary are told of at the first answer, before the breaker opens") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  postmark->always(failed(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION));
  world.start({postmark, smtp});
  const auto one = some(world, 1);
  world.publish(one);
  REQUIRE(all_end(world, one, Status::SENT));
  REQUIRE(world.until([&] { return failover_alerts(world).size() == 1; }));
  CHECK(failover_alerts(world)[0].variables.text.find("AUTHENTICATION") != std::string::npos);
}

TEST_CASE("failover alert: a provider with nobody behind it that works is no failover") {
  carillon::testing::ManualClock clock;
  World world(clock);
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  smtp->configured = false;
  postmark->always(failed(OutcomeKind::TRANSIENT, Reason::TIMEOUT));
  world.start({postmark, smtp});
  const auto tripping = some(world, 5);
  world.publish(tripping);
  REQUIRE(world.until([&] { return world.audits("PROVIDER_BREAKER_OPENED").size() == 1; }));
  REQUIRE(world.until([&] { return looks(world) == 5; }));
  CHECK(failover_alerts(world).empty());
}

TEST_CASE("health: calls, success rate and latency of the last five minutes are those of all instances together") {
  carillon::testing::ManualClock clock(*from_rfc3339("2026-11-30T12:04:30Z"));
  World world(clock);
  const auto postmark = std::make_shared<Script>("postmark");
  const auto smtp = std::make_shared<Script>("smtp");
  Instance& idle = world.start({postmark, smtp});
  Instance& other = world.start({postmark, smtp});
  Outcome slow = accepted();
  slow.latency = 40ms;
  postmark->always(slow);
  const auto good = some(world, 8);
  world.publish(good);
  REQUIRE(all_end(world, good, Status::SENT));
  Outcome bad = failed(OutcomeKind::TRANSIENT, Reason::TIMEOUT);
  bad.latency = 80ms;
  postmark->always(bad);
  const auto failing = some(world, 2);
  world.publish(failing);
  REQUIRE(all_end(world, failing, Status::SENT));
  const auto key = security::create_api_key(world.owner(), "ops", {"admin"}, clock.now());
  const std::string expected =
      R"("calls":10,"failures":2,"success_rate":0.8000,"latency_ms_mean":48,"latency_ms_max":80,)"
      R"("last_error_at":"2026-11-30T12:04:30.000000Z")";
  for (Instance* instance : {&idle, &other}) {
    CHECK(
        world.until([&] { return instance->get("/health/messaging", key).body.find(expected) != std::string::npos; }));
  }
  clock.advance(5min);
  CHECK(world.until([&] {
    return idle.get("/health/messaging", key).body.find(R"("calls":0,"failures":0,"success_rate":null)") !=
           std::string::npos;
  }));
  CHECK(idle.get("/health/messaging", key).body.find("2026-11-30T12:04:30.000000Z") != std::string::npos);
}
