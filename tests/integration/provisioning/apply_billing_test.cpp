#include <catch2/catch.hpp>

#include <random>

#include "events/cloud_events.hpp"
#include "integration/provisioning/world.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;

namespace {

events::BillingEvent event(events::BillingKind kind, std::int64_t version, const std::string& status) {
  events::BillingEvent one = paid("acme", version);
  one.kind = kind;
  one.subscription_status = status;
  return one;
}

struct Billed : World {
  Billed() {
    change([&](auto& tx, auto& out) {
      Client acme;
      acme.id = "acme";
      REQUIRE(insert_client(tx, out, acme, clock.now()));
    });
  }
  std::string column(const std::string& name) {
    return text("SELECT " + name + " FROM provisioning.clients WHERE id = 'acme'");
  }
};

}  // namespace

TEST_CASE("billing events: a paid checkout makes a client that is paid for, provisioned and welcomed") {
  Billed world;
  world.bill({paid("acme")});
  REQUIRE(world.wait([&] { return world.mails().size() == 1; }));
  CHECK(world.column("payment_active") == "t");
  CHECK(world.column("plan") == "PRO");
  CHECK(world.column("onboarding_status") == "PROVISIONED");
  CHECK(world.column("stripe_subscription_id") == "sub_1");
  CHECK(world.audited("BILLING_EVENT_APPLIED") == 1);
  CHECK(world.audited("PROVISIONING_STARTED") == 1);
}

TEST_CASE("billing events: in whatever order they come, the newest version decides") {
  const std::vector<events::BillingEvent> in_order{event(events::BillingKind::CHECKOUT_PAID, 1, "active"),
                                                   event(events::BillingKind::SUBSCRIPTION_UPDATED, 2, "past_due"),
                                                   event(events::BillingKind::SUBSCRIPTION_UPDATED, 3, "unpaid"),
                                                   event(events::BillingKind::SUBSCRIPTION_CANCELED, 4, "canceled")};
  auto shuffled = in_order;
  std::shuffle(shuffled.begin(), shuffled.end(), std::mt19937(GENERATE(1, 2, 3)));
  Billed world;
  for (const auto& one : shuffled) world.bill({one});
  for (const auto& one : shuffled) world.bill({one});
  REQUIRE(world.wait([&] { return world.audited("BILLING_EVENT_APPLIED") == 8; }));
  CHECK(world.column("payment_active") == "f");
  CHECK(world.column("subscription_status") == "canceled");
  CHECK(world.column("billing_version") == "4");
}

TEST_CASE("billing events: the same checkout 50 times makes one job and one welcome") {
  Billed world;
  for (int i = 0; i < 50; ++i) world.bill({paid("acme")});
  REQUIRE(world.wait([&] { return world.audited("BILLING_EVENT_APPLIED") == 50 && world.mails().size() == 1; }));
  CHECK(world.number("SELECT count(*) FROM provisioning.jobs") == 1);
  CHECK(world.audited("PROVISIONING_STARTED") == 1);
}

TEST_CASE("billing events: one of an unknown client goes to the dead letters, is audited, and nothing else happens") {
  Billed world;
  world.bill({paid("stranger"), paid("acme")});
  REQUIRE(world.wait([&] { return world.mails().size() == 1; }));
  const auto letters = world.published(bus::topics::billing_events_dlq);
  REQUIRE(letters.size() == 1);
  CHECK(bus::header(letters[0].record.headers, "dlq-reason") == "CLIENT_NOT_FOUND");
  CHECK(world.number("SELECT count(*) FROM provisioning.clients") == 1);
  CHECK(world.number("SELECT count(*) FROM provisioning.jobs") == 1);
  CHECK(world.audited("BILLING_EVENT_REFUSED") == 1);
}

TEST_CASE("billing events: what is no billing event goes to the dead letters") {
  Billed world;
  pg::Transaction tx(world.owner);
  bus::Outbox out;
  out.publish(bus::topics::billing_events, {"acme", {}, "{\"colour\":\"red\"}"});
  out.publish(bus::topics::billing_events, {"acme", {}, "no JSON"});
  events::BillingEvent without_version = paid("acme");
  without_version.version = 0;
  out.publish(bus::topics::billing_events,
              {"acme", events::binary_headers("carillon.billing-event.v1", "carillon/billing", "1", world.clock.now()),
               events::to_json(without_version)});
  world.bus().commit(out, tx);
  world.bus().wake(out);
  REQUIRE(world.wait([&] { return world.published(bus::topics::billing_events_dlq).size() == 3; }));
  CHECK(world.column("billing_version") == "0");
}
