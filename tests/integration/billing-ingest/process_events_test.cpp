// The deciding thread: its pauses, what it logs, what it drops.
#include "billing-ingest/app/process_events.hpp"

#include <catch2/catch.hpp>

#include "integration/billing-ingest/world.hpp"
#include "postgres/errors.hpp"
#include "service/testing/captured_log.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;
using namespace std::chrono_literals;

namespace {

// Another deciding thread on the world's database; `turn` is asked in each of its turns and may throw.
struct Deciding {
  Deciding(World& world_, std::function<bool()> turn, BillingSettings settings_ = test_settings())
      : world(world_), settings(std::move(settings_)), may_decide(std::move(turn)) {}
  static pg::ConnectionSettings database_of(const World& world) {
    pg::ConnectionSettings connection;
    connection.url = world.database.url();
    return connection;
  }

  World& world;
  const BillingSettings settings;
  const std::function<bool()> may_decide;
  metrics::Registry registry{};
  bus::Bell bell{database_of(world)};
  const std::unique_ptr<bus::Bus> bus{bus::make_postgres_bus({database_of(world)}, bell, world.clock)};
  const ClientDirectory clients{registry};
  WebhookRefusals refusals{registry, world.clock, [] {}};
  ProcessEvents process{database_of(world), *bus, world.clock, settings, clients, refusals, registry, may_decide};
};

}  // namespace

TEST_CASE("billing: wakes don't hurry a turn that has failed") {
  World world;
  std::atomic<int> turns{0};
  Deciding deciding(world, [&turns]() -> bool {
    ++turns;
    throw pg::Unavailable("away");
  });
  const auto began = std::chrono::steady_clock::now();
  deciding.process.start();
  REQUIRE(world.wait([&] { return turns >= 1; }));
  for (int i = 0; i < 10'000; ++i) deciding.process.wake();
  deciding.process.stop();
  CHECK(turns <= 1 + (std::chrono::steady_clock::now() - began) / 1s);  // one, and one more for each pause
}

TEST_CASE("billing: turns that fail one after the other are logged once, and once when they go on") {
  World world;
  std::atomic<int> turns{0};
  std::atomic<bool> away{true};
  Deciding deciding(world, [&]() -> bool {
    ++turns;
    if (away) throw pg::Unavailable("away");
    return false;
  });
  carillon::testing::CapturedLog log;
  deciding.process.start();
  CHECK(world.wait([&] { return turns >= 3; }));
  CHECK(log.lines_of("BILLING_TURN_FAILED") == 1);
  CHECK(log.lines_of("BILLING_TURN_RECOVERED") == 0);
  away = false;
  CHECK(world.wait([&] { return log.lines_of("BILLING_TURN_RECOVERED") == 1; }));
  const int recovered = turns;
  CHECK(world.wait([&] { return turns >= recovered + 3; }));
  away = true;
  CHECK(world.wait([&] { return log.lines_of("BILLING_TURN_FAILED") == 2; }));  // the next outage is told of again
  deciding.process.stop();
  CHECK(log.lines_of("BILLING_TURN_RECOVERED") == 1);
}

TEST_CASE("billing: events are dropped after their time, DEAD ones much later, those not decided never") {
  World world;
  const auto arrived = [&](const std::string& id, const std::string& status, int days_ago) {
    world.owner.run(
        "INSERT INTO billing.billing_events (event_id, type, created_at, rank, received_at, payload, status, due_at) "
        "SELECT '" +
        id + "', 'invoice.paid', at, 0, at, '{}', '" + status + "', at + interval '100 years' FROM (SELECT '" +
        to_rfc3339(world.clock.now()) + "'::timestamptz - interval '" + std::to_string(days_ago) +
        " days' AS at) AS n");
  };
  arrived("evt_applied_new", "APPLIED", 89);
  arrived("evt_applied_old", "APPLIED", 91);
  arrived("evt_dead_new", "DEAD", 729);
  arrived("evt_dead_old", "DEAD", 731);
  arrived("evt_pending", "PENDING", 2'000);
  Deciding deciding(world, [] { return false; });
  deciding.process.start();
  CHECK(world.wait([&] { return world.number("SELECT count(*) FROM billing.billing_events") == 3; }));
  deciding.process.stop();
  CHECK(world.text("SELECT string_agg(event_id, ' ' ORDER BY event_id) FROM billing.billing_events") ==
        "evt_applied_new evt_dead_new evt_pending");
}
