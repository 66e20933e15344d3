// Money where it should not be: paid twice, paid for another, paid by who is gone, or not paid at all.
#include <catch2/catch.hpp>
#include <set>

#include "integration/billing-ingest/world.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;
using namespace std::chrono_literals;

namespace {

using Kind = events::BillingKind;

std::string checkout(const std::string& id, const std::string& subscription, const std::string& customer,
                     const std::string& metadata = R"({"plan":"PRO"})", long at = began) {
  auto fields = checkout_fields("acme", subscription, customer);
  fields["metadata"] = metadata;
  return event(id, "checkout.session.completed", at, fields);
}

std::string changed(const std::string& id, const std::string& type, const std::string& status,
                    const std::string& subscription, long at) {
  return event(id, "customer.subscription." + type, at,
               subscription_fields(status, "acme", subscription, "cus_" + subscription));
}

std::vector<std::string> alarms(World& world) {
  std::vector<std::string> errors;
  for (const auto& mail : world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN")) errors.push_back(mail.variables.text);
  return errors;
}

}  // namespace

TEST_CASE("billing money: a client that pays for a second subscription is told to an admin, once") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_1", "sub_1", "cus_1"));
  world.wait_decided();
  CHECK(alarms(world).empty());
  world.stripe(checkout("evt_2", "sub_2", "cus_2", R"({"client_id":"acme","plan":"SOLO"})", began + 60));
  world.wait_decided();
  CHECK(world.status_of("evt_2") == "APPLIED");
  REQUIRE(alarms(world).size() == 1);
  CHECK(alarms(world)[0].find("SECOND_SUBSCRIPTION: client acme pays for two subscriptions") != std::string::npos);
  CHECK(alarms(world)[0].find("attempts") == std::string::npos);
  CHECK(alarms(world)[0].find("replay") == std::string::npos);
}

TEST_CASE("billing money: of an event that was DEAD before it was decided, both mails go out") {
  World world;
  world.stripe(checkout("evt_1", "sub_1", "cus_1"));
  world.clock.advance(6s);  // longer than a client may be new
  world.wait_decided();
  REQUIRE(world.status_of("evt_1") == "DEAD");
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_2", "sub_2", "cus_2", R"({"client_id":"acme","plan":"SOLO"})", began + 60));
  world.wait_decided();
  REQUIRE(world.status_of("evt_2") == "APPLIED");
  CHECK(world.admin(http::Method::POST, "/api/admin/billing/events/evt_1/replay").status == 202);
  REQUIRE(world.wait([&] { return alarms(world).size() == 2; }));
  std::set<std::string> keys;
  for (const auto& mail : world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN")) keys.insert(mail.idempotency_key);
  CHECK(keys.size() == 2);
}

TEST_CASE("billing money: a client that comes back after its end pays for one subscription, and nobody is told") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_1", "sub_1", "cus_sub_1"));
  world.stripe(changed("evt_end", "deleted", "canceled", "sub_1", began + 10));
  world.wait_decided();
  world.stripe(checkout("evt_2", "sub_2", "cus_sub_1", R"({"client_id":"acme","plan":"PRO"})", began + 60));
  world.wait_decided();
  CHECK(world.told().back().kind == Kind::CHECKOUT_PAID);
  CHECK(alarms(world).empty());
}

TEST_CASE("billing money: a paid checkout that is refused for naming another customer's client is told to an admin") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_1", "sub_1", "cus_1"));
  world.wait_decided();
  world.stripe(checkout("evt_2", "sub_2", "cus_2", R"({"plan":"PRO"})", began + 60));
  world.wait_decided();
  CHECK(world.status_of("evt_2") == "REFUSED");
  REQUIRE(alarms(world).size() == 1);
  CHECK(alarms(world)[0].find("CLIENT_MISMATCH") != std::string::npos);
}

TEST_CASE("billing money: a removed client that pays on is told to an admin with each payment") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_1", "sub_1", "cus_1"));
  world.wait_decided();
  world.remove_client("acme");
  for (long month = 1; month <= 2; ++month)
    world.stripe(event("evt_paid_" + std::to_string(month), "invoice.paid", began + 2'600'000 * month,
                       invoice_fields("subscription_cycle", 1802600000 + 2'600'000 * month)));
  world.wait_decided();
  REQUIRE(alarms(world).size() == 2);
  CHECK(alarms(world)[0].find("CLIENT_GONE: client acme was removed here and still pays") != std::string::npos);
  CHECK(alarms(world)[0].find("ann@example.com") == std::string::npos);
}

TEST_CASE("billing money: events of Stripe's test mode are refused by a live installation, and taken by a test one") {
  const bool live = GENERATE(true, false);
  BillingSettings settings = test_settings();
  settings.secret_key = live ? "sk_live_key" : "sk_test_key";
  World world(settings);
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_1", "sub_1", "cus_1"));  // livemode: false
  world.wait_decided();
  CHECK(world.status_of("evt_1") == (live ? "REFUSED" : "APPLIED"));
  CHECK(world.told().empty() == live);
  if (live) CHECK(world.text("SELECT reason FROM billing.billing_events") == "TEST_MODE");
}

TEST_CASE("billing money: a checkout that was never paid is not told as canceled when it expires or is deleted") {
  const bool expires = GENERATE(true, false);
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(changed("evt_made", "created", "incomplete", "sub_1", began));
  world.wait_decided();
  world.stripe(expires ? changed("evt_over", "updated", "incomplete_expired", "sub_1", began + 100)
                       : changed("evt_over", "deleted", "canceled", "sub_1", began + 100));
  world.wait_decided();
  CHECK(world.told().back().kind == Kind::SUBSCRIPTION_UPDATED);
}

TEST_CASE("billing money: the end of the paid subscription is told although an unpaid one is left") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout("evt_1", "sub_1", "cus_sub_1"));
  world.stripe(changed("evt_made", "created", "incomplete", "sub_2", began + 50));
  world.stripe(changed("evt_over", "deleted", "canceled", "sub_1", began + 100));
  world.wait_decided();
  CHECK(world.told().back().kind == Kind::SUBSCRIPTION_CANCELED);
  world.stripe(changed("evt_expired", "updated", "incomplete_expired", "sub_2", began + 200));
  world.wait_decided();
  CHECK(world.told().back().kind == Kind::SUBSCRIPTION_UPDATED);
}
