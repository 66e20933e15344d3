#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "integration/billing-ingest/world.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;
using namespace std::chrono_literals;

namespace {

std::string checkout(const std::string& client = "acme", long at = began) {
  return event("evt_checkout", "checkout.session.completed", at, checkout_fields(client));
}
std::string paid(long at = began, const std::string& reason = "subscription_create", long period_end = 1802600000) {
  return event("evt_paid_" + std::to_string(period_end), "invoice.paid", at, invoice_fields(reason, period_end));
}
std::string failed(long at) {
  return event("evt_failed", "invoice.payment_failed", at, invoice_fields("subscription_cycle"));
}
std::string updated(const std::string& status, long at, const std::string& previous = "") {
  return event("evt_" + status + std::to_string(at), "customer.subscription.updated", at, subscription_fields(status),
               previous);
}
std::string deleted(long at) {
  return event("evt_deleted", "customer.subscription.deleted", at, subscription_fields("canceled"));
}

using Kind = events::BillingKind;

}  // namespace

TEST_CASE("billing: a paid checkout activates the client, confirms once and is told with version 1") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout());
  world.stripe(paid());
  world.wait_decided();
  const auto mails = world.mails();
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].template_key == "SUBSCRIPTION_CONFIRMED");
  CHECK(mails[0].idempotency_key == "sub_1/first/SUBSCRIPTION_CONFIRMED");
  CHECK(mails[0].client_id == "acme");
  CHECK(mails[0].recipient == "ann@example.com");
  CHECK(mails[0].variables.text.find(R"("plan":"PRO")") != std::string::npos);
  CHECK(mails[0].variables.text.find(R"("amount":"49.00 EUR")") != std::string::npos);
  const auto told = world.told();
  REQUIRE(!told.empty());
  CHECK(told[0].kind == Kind::CHECKOUT_PAID);
  CHECK(told[0].version == 1);
  CHECK(told[0].plan == "PRO");
  CHECK(told[0].subscription_status == "active");
  CHECK(told[0].email == "pay@example.com");
  CHECK(told[0].event_id == "evt_checkout");
  CHECK(world.audited("STRIPE_EVENT_APPLIED") == 2);
}

TEST_CASE("billing: mail goes to the client's billing address, else its address, else Stripe's") {
  World world;
  SECTION("billing address") {
    world.add_client("acme", "ann@example.com", "billing@example.com");
    world.stripe(checkout());
    world.wait_decided();
    CHECK(world.mails().at(0).recipient == "billing@example.com");
  }
  SECTION("Stripe's") {
    world.add_client("acme");
    world.stripe(checkout());
    world.wait_decided();
    CHECK(world.mails().at(0).recipient == "pay@example.com");
  }
}

TEST_CASE("billing: an invoice that comes before its checkout waits for it and is applied then") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(paid());
  world.wait_decided();
  CHECK(world.status_of("evt_paid_1802600000") == "REFUSED");
  CHECK(world.audited("STRIPE_EVENT_REFUSED") == 1);
  CHECK(world.mails().empty());
  world.stripe(checkout());
  REQUIRE(world.wait([&] {
    world.clock.advance(1ms);
    return world.status_of("evt_paid_1802600000") == "APPLIED";
  }));
  CHECK(world.mails().size() == 1);
}

TEST_CASE(
    "billing: a life of events in any order, each three times, on two instances, ends the same with one mail each") {
  std::vector<std::string> life{checkout(),
                                paid(),
                                updated("active", began + 1, "incomplete"),
                                failed(began + 2'600'000),
                                updated("past_due", began + 2'600'000, "active"),
                                paid(began + 2'700'000, "subscription_cycle", 1805200000),
                                updated("active", began + 2'700'000, "past_due")};
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  World world(test_settings(), 2);
  world.add_client("acme", "ann@example.com");
  std::vector<std::string> sent;
  for (int i = 0; i < 3; ++i) sent.insert(sent.end(), life.begin(), life.end());
  std::mt19937 dice(seed);
  std::shuffle(sent.begin(), sent.end(), dice);
  for (std::size_t i = 0; i < sent.size(); ++i) CHECK(world.stripe(sent[i], static_cast<int>(i % 2)).status == 200);
  world.wait_decided();
  CHECK(world.number("SELECT count(*) FROM billing.billing_events") == 7);
  CHECK(world.text("SELECT status FROM billing.billing_subscriptions") == "active");
  CHECK(world.mails("SUBSCRIPTION_CONFIRMED").size() == 2);
  CHECK(world.mails("PAYMENT_FAILED").size() <= 1);
  const auto told = world.told();
  CHECK(std::count_if(told.begin(), told.end(), [](const auto& each) { return each.kind == Kind::CHECKOUT_PAID; }) ==
        1);
  for (std::size_t i = 0; i < told.size(); ++i) CHECK(told[i].version == static_cast<std::int64_t>(i + 1));
  CHECK(told.back().subscription_status == "active");
}

TEST_CASE("billing: a failed payment sends PAYMENT_FAILED with amount and date, and past due is told") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout());
  world.wait_decided();
  auto fields = invoice_fields("subscription_cycle");
  fields["next_payment_attempt"] = "1802000000";
  world.stripe(event("evt_failed", "invoice.payment_failed", began + 100, fields));
  world.wait_decided();
  const auto mails = world.mails("PAYMENT_FAILED");
  REQUIRE(mails.size() == 1);
  CHECK(mails[0].idempotency_key == "evt_failed/PAYMENT_FAILED");
  CHECK(
      mails[0].variables.text ==
      R"({"amount":"49.00 EUR","next_attempt":"7 February 2027","update_url":"https://carillon.example.com/billing"})");
  CHECK(world.told().back().subscription_status == "past_due");
  CHECK(world.told().back().kind == Kind::SUBSCRIPTION_UPDATED);
}

TEST_CASE("billing: the end of a subscription is told and mailed; that of an old one beside a new one is not told") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout());
  world.wait_decided();
  SECTION("the only one") {
    world.stripe(deleted(began + 100));
    world.wait_decided();
    CHECK(world.told().back().kind == Kind::SUBSCRIPTION_CANCELED);
    CHECK(world.mails("SUBSCRIPTION_CANCELED").size() == 1);
    CHECK(world.mails("SUBSCRIPTION_CANCELED")[0].idempotency_key == "evt_deleted/SUBSCRIPTION_CANCELED");
    world.stripe(updated("active", began + 200));
    world.wait_decided();
    CHECK(world.text("SELECT status FROM billing.billing_subscriptions") == "canceled");
  }
  SECTION("an old one") {
    world.stripe(event("evt_2", "checkout.session.completed", began + 50, checkout_fields("acme", "sub_2")));
    world.wait_decided();
    CHECK(world.told().back().subscription_id == "sub_2");
    const auto told = world.told().size();
    world.stripe(deleted(began + 100));
    world.wait_decided();
    CHECK(world.told().size() == told);
    CHECK(world.mails("SUBSCRIPTION_CANCELED").size() == 1);
  }
}

TEST_CASE("billing: events for unknown clients and customers are refused with an audit entry, state unchanged") {
  World world;
  world.add_client("acme");
  world.stripe(updated("active", began));
  world.stripe(
      event("evt_strange", "customer.subscription.updated", began, subscription_fields("active", "stranger", "sub_2")));
  world.clock.advance(6s);  // longer than a client may be new
  world.wait_decided();
  CHECK(world.status_of("evt_active1800000000") == "REFUSED");
  CHECK(world.status_of("evt_strange") == "REFUSED");
  CHECK(world.audited("STRIPE_EVENT_REFUSED") == 2);
  CHECK(world.number("SELECT count(*) FROM billing.billing_subscriptions") == 0);
  CHECK(world.mails().empty());
  CHECK(world.told().empty());
}

TEST_CASE("billing: an event that names another client than the subscription's is refused") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.add_client("globex", "bob@example.com");
  world.stripe(checkout());
  world.wait_decided();
  world.stripe(
      event("evt_theft", "customer.subscription.updated", began + 10, subscription_fields("active", "globex")));
  world.wait_decided();
  CHECK(world.status_of("evt_theft") == "REFUSED");
  CHECK(world.text("SELECT reason FROM billing.billing_events WHERE event_id = 'evt_theft'") == "CLIENT_MISMATCH");
  CHECK(world.text("SELECT client_id FROM billing.billing_subscriptions") == "acme");
}

TEST_CASE("billing: a client of whom nothing is known yet gets a moment") {
  World world;
  world.stripe(checkout());
  world.add_client("acme", "ann@example.com");
  world.wait_decided();
  CHECK(world.status_of("evt_checkout") == "APPLIED");
}

TEST_CASE("billing: a checkout of a client that is not here is tried again, then DEAD and an admin is told") {
  World world;
  world.stripe(checkout());
  world.stripe(
      event("evt_made", "customer.subscription.created", began - 1, subscription_fields("incomplete", "acme")));
  const auto attempts = [&] {
    return world.number("SELECT attempts FROM billing.billing_events WHERE event_id = 'evt_checkout'");
  };
  world.clock.advance(6s);  // longer than a client may be new
  REQUIRE(world.wait([&] { return attempts() == 1; }));
  CHECK(world.status_of("evt_checkout") == "PENDING");
  REQUIRE(world.wait([&] { return world.status_of("evt_made") == "REFUSED"; }));
  SECTION("the client comes") {
    world.add_client("acme", "ann@example.com");
    world.wait_decided();
    CHECK(world.status_of("evt_checkout") == "APPLIED");
    CHECK(world.status_of("evt_made") != "REFUSED");
    CHECK(world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN").empty());
    CHECK(world.told().at(0).kind == Kind::CHECKOUT_PAID);
  }
  SECTION("it never comes") {
    world.wait_decided();
    CHECK(world.status_of("evt_checkout") == "DEAD");
    CHECK(attempts() == 3);
    const auto alerts = world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN");
    REQUIRE(alerts.size() == 1);
    CHECK(alerts[0].variables.text.find("UNKNOWN_CLIENT") != std::string::npos);
    CHECK(alerts[0].variables.text.find(R"("attempts":3)") != std::string::npos);
    CHECK(alerts[0].variables.text.find(R"("replay":"evt_)") != std::string::npos);
    CHECK(world.audited("STRIPE_EVENT_DEAD") == 1);
  }
}

TEST_CASE("billing: a stranger's payment with a client's reference does not become the client's subscription") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout());
  world.wait_decided();
  const auto told = world.told().size();
  world.stripe(
      event("evt_strange", "checkout.session.completed", began + 50, checkout_fields("acme", "sub_2", "cus_2")));
  world.wait_decided();
  CHECK(world.status_of("evt_strange") == "REFUSED");
  CHECK(world.text("SELECT reason FROM billing.billing_events WHERE event_id = 'evt_strange'") == "CLIENT_MISMATCH");
  CHECK(world.audited("STRIPE_EVENT_REFUSED") == 1);
  CHECK(world.number("SELECT count(*) FROM billing.billing_subscriptions") == 1);
  CHECK(world.told().size() == told);
  SECTION("when the client's own subscription has ended a new customer may come") {
    world.stripe(deleted(began + 100));
    world.wait_decided();
    world.stripe(
        event("evt_again", "checkout.session.completed", began + 200, checkout_fields("acme", "sub_3", "cus_3")));
    world.wait_decided();
    CHECK(world.status_of("evt_again") == "APPLIED");
  }
}

TEST_CASE("billing: unknown types are IGNORED") {
  World world;
  world.stripe(R"({"id":"evt_1","type":"charge.succeeded","created":1800000000,"data":{"object":{}}})");
  world.wait_decided();
  CHECK(world.status_of("evt_1") == "IGNORED");
  CHECK(world.audited("STRIPE_EVENT_IGNORED") == 1);
}

TEST_CASE("billing: an event that can't be read is DEAD at once, and an admin is told once") {
  World world;
  auto fields = invoice_fields();
  fields["amount_paid"] = "\"a lot\"";
  world.stripe(event("evt_bad", "invoice.paid", began, fields));
  world.wait_decided();
  CHECK(world.status_of("evt_bad") == "DEAD");
  const auto alerts = world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN");
  REQUIRE(alerts.size() == 1);
  CHECK(alerts[0].idempotency_key == "evt_bad/STRIPE_WEBHOOK_FAILURE_ADMIN");
  CHECK(alerts[0].variables.text.find("evt_bad") != std::string::npos);
  CHECK(alerts[0].variables.text.find("a lot") == std::string::npos);
  CHECK(world.audited("STRIPE_EVENT_DEAD") == 1);
  SECTION("replayed it is handled again, and nobody is told a second time") {
    CHECK(world.admin(http::Method::POST, "/api/admin/billing/events/evt_bad/replay").status == 202);
    REQUIRE(world.wait([&] { return world.audited("STRIPE_EVENT_DEAD") == 2; }));
    CHECK(world.audited("STRIPE_EVENT_REPLAYED") == 1);
    CHECK(world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN").size() == 1);
  }
}

TEST_CASE("billing: a handling that fails is tried again with pauses, then DEAD and reported once; others go on") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.add_client("globex", "bob@example.com");
  world.owner.run("ALTER TABLE billing.billing_subscriptions ADD CONSTRAINT broken CHECK (subscription_id <> 'sub_1')");
  world.stripe(checkout());
  world.stripe(
      event("evt_globex", "checkout.session.completed", began + 1, checkout_fields("globex", "sub_2", "cus_2")));
  REQUIRE(world.wait([&] { return world.status_of("evt_globex") == "APPLIED"; }));
  const auto attempts = [&] {
    return world.number("SELECT attempts FROM billing.billing_events WHERE event_id = 'evt_checkout'");
  };
  REQUIRE(world.wait([&] { return attempts() == 1; }));
  CHECK(world.status_of("evt_checkout") == "PENDING");
  CHECK(world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN").empty());
  world.clock.advance(2s);
  REQUIRE(world.wait([&] { return attempts() == 2; }));
  world.clock.advance(5s);
  REQUIRE(world.wait([&] { return world.status_of("evt_checkout") == "DEAD"; }));
  REQUIRE(world.wait([&] { return world.mails("STRIPE_WEBHOOK_FAILURE_ADMIN").size() == 1; }));
  SECTION("mended and replayed it is applied") {
    world.owner.run("ALTER TABLE billing.billing_subscriptions DROP CONSTRAINT broken");
    CHECK(world.admin(http::Method::POST, "/api/admin/billing/events/evt_checkout/replay").status == 202);
    world.wait_decided();
    CHECK(world.status_of("evt_checkout") == "APPLIED");
    CHECK(world.mails("SUBSCRIPTION_CONFIRMED").size() == 2);
    CHECK(world.admin(http::Method::POST, "/api/admin/billing/events/evt_checkout/replay").status == 409);
  }
}

TEST_CASE("billing: a crash between the steps of handling repeats nothing and loses nothing") {
  for (const char* point : {"billing.decide.stored=error@1", "billing.decide.committed=error@1"}) {
    World world;
    world.add_client("acme", "ann@example.com");
    configure_failpoints(point);
    world.stripe(checkout());
    world.stripe(paid());
    world.wait_decided();
    configure_failpoints("");
    CHECK(world.status_of("evt_checkout") == "APPLIED");
    CHECK(world.mails().size() == 1);
    const auto told = world.told();
    REQUIRE(!told.empty());
    CHECK(told[0].version == 1);
    CHECK(std::count_if(told.begin(), told.end(), [](const auto& each) { return each.kind == Kind::CHECKOUT_PAID; }) ==
          1);
  }
}

TEST_CASE("billing events: an admin lists, filters, pages and sees one; others are refused") {
  World world;
  world.add_client("acme", "ann@example.com");
  world.stripe(checkout());
  world.stripe(R"({"id":"evt_other","type":"charge.succeeded","created":1800000000,"data":{"object":{}}})");
  world.wait_decided();
  const auto list = world.admin(http::Method::GET, "/api/admin/billing/events?status=APPLIED");
  CHECK(list.status == 200);
  CHECK(list.body.find("evt_checkout") != std::string::npos);
  CHECK(list.body.find("evt_other") == std::string::npos);
  CHECK(list.body.find("pay@example.com") == std::string::npos);
  const auto first = world.admin(http::Method::GET, "/api/admin/billing/events?limit=1").body;
  const auto at = first.find("next_cursor\":\"") + 14;
  const std::string cursor = first.substr(at, first.find('"', at) - at);
  const auto second = world.admin(http::Method::GET, "/api/admin/billing/events?limit=1&cursor=" + cursor).body;
  CHECK((first + second).find("evt_checkout") != std::string::npos);
  CHECK((first + second).find("evt_other") != std::string::npos);
  const auto one = world.admin(http::Method::GET, "/api/admin/billing/events/evt_checkout");
  CHECK(one.body.find("pay@example.com") != std::string::npos);
  CHECK(world.audited("STRIPE_EVENT_VIEWED") == 1);
  CHECK(world.admin(http::Method::GET, "/api/admin/billing/events/evt_none").status == 404);
  CHECK(world.admin(http::Method::POST, "/api/admin/billing/events/evt_none/replay").status == 404);
  for (const char* query : {"status=LOST", "limit=0", "limit=x", "cursor=x"})
    CHECK(world.admin(http::Method::GET, std::string("/api/admin/billing/events?") + query).status == 400);
  CHECK(world.call(http::Method::GET, "/api/admin/billing/events").status == 401);
  CHECK(world.call(http::Method::POST, "/api/admin/billing/events/evt_checkout/replay").status == 401);
}
