#include <catch2/catch.hpp>

#include "integration/billing-ingest/world.hpp"
#include "security/webhooks/stripe_signature.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;
using namespace std::chrono_literals;

namespace {

std::string checkout_event(const std::string& id = "evt_checkout", long at = began,
                           const std::string& client = "acme") {
  return event(id, "checkout.session.completed", at, checkout_fields(client));
}

std::string signed_at(const std::string& body, UtcTime time, const std::string& secret = "whsec_test") {
  return security::webhooks::sign_stripe(body, std::vector<std::string>{secret}, time);
}

}  // namespace

TEST_CASE("stripe webhook: an event is stored before its 200, and decided") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto answer = world.stripe(checkout_event());
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"received":true})");
  CHECK(world.number("SELECT count(*) FROM billing.billing_events") == 1);
  world.wait_decided();
  CHECK(world.status_of("evt_checkout") == "APPLIED");
}

TEST_CASE("stripe webhook: the same event fifty times at once, on two instances, has one effect") {
  World world(test_settings(), 2);
  world.add_client("acme", "ann@example.com");
  CHECK(world.at_once(50, checkout_event()) == std::map<int, int>{{200, 50}});
  world.wait_decided();
  CHECK(world.at_once(50, checkout_event()) == std::map<int, int>{{200, 50}});
  world.wait_decided();
  CHECK(world.number("SELECT count(*) FROM billing.billing_events") == 1);
  CHECK(world.mails().size() == 1);
  CHECK(world.told().size() == 1);
  CHECK(world.audited("STRIPE_EVENT_APPLIED") == 1);
}

TEST_CASE("stripe webhook: forged, old, altered, truncated and unsigned calls get 400 and change nothing") {
  World world;
  const std::string body = checkout_event();
  const std::string altered = checkout_event("evt_other");
  const std::vector<std::pair<std::string, std::string>> calls{
      {body, ""},
      {body, "t=1,v1=00"},
      {body, "nonsense"},
      {body, signed_at(body, world.clock.now(), "whsec_other")},
      {body, signed_at(body, world.clock.now() - 301s)},
      {body, signed_at(body, world.clock.now() + 301s)},
      {altered, world.signature_of(body)},
      {body.substr(0, body.size() / 2), world.signature_of(body)},
  };
  for (const auto& [sent, signature] : calls) {
    const auto answer = world.stripe(sent, signature);
    CHECK(answer.status == 400);
    CHECK(answer.body.find("INVALID_SIGNATURE") != std::string::npos);
  }
  CHECK(world.number("SELECT count(*) FROM billing.billing_events") == 0);
  REQUIRE(world.wait([&] { return world.audited("STRIPE_WEBHOOK_REFUSED") >= 4; }));
}

TEST_CASE("stripe webhook: signatures 300 s away are still good") {
  World world;
  const std::string body = checkout_event();
  CHECK(world.stripe(body, signed_at(body, world.clock.now() - 300s)).status == 200);
  CHECK(world.stripe(body, signed_at(body, world.clock.now() + 300s)).status == 200);
}

TEST_CASE("stripe webhook: a thousand forged calls write a bounded number of audit entries") {
  World world;
  const std::string body = checkout_event();
  for (int i = 0; i < 1'000; ++i)
    CHECK(world.stripe(body, signed_at(body, world.clock.now(), "whsec_other")).status == 400);
  REQUIRE(world.wait([&] { return world.audited("STRIPE_WEBHOOK_REFUSED") > 0; }));
  CHECK(world.audited("STRIPE_WEBHOOK_REFUSED") == 1);
  CHECK(world.audits().front().reason == "MISMATCH");
}

TEST_CASE("stripe webhook: refused calls are audited while another instance decides") {
  World world;
  pg::ConnectionSettings settings;
  settings.url = world.database.url();
  pg::Connection other(settings);
  pg::Transaction deciding(other);
  deciding.run("SELECT pg_advisory_xact_lock(hashtextextended('carillon billing events', 0))");
  CHECK(world.stripe(checkout_event(), signed_at(checkout_event(), world.clock.now(), "whsec_other")).status == 400);
  CHECK(world.wait([&] { return world.audited("STRIPE_WEBHOOK_REFUSED") == 1; }));
}

TEST_CASE("stripe webhook: while a secret is rolled both are good") {
  BillingSettings settings = test_settings();
  settings.webhook_secrets = {"whsec_new", "whsec_test"};
  World world(settings);
  const std::string body = checkout_event();
  CHECK(world.stripe(body, signed_at(body, world.clock.now(), "whsec_test")).status == 200);
  CHECK(world.stripe(body, signed_at(body, world.clock.now(), "whsec_new")).status == 200);
}

TEST_CASE("stripe webhook: what is signed but no event gets 400") {
  World world;
  for (const std::string body : {"{}", "[]", "null", R"({"id":"evt_1","type":"invoice.paid"})"}) {
    const auto answer = world.stripe(body);
    CHECK(answer.status == 400);
    CHECK(answer.body.find("MALFORMED_EVENT") != std::string::npos);
  }
}

TEST_CASE("stripe webhook: without a secret everything gets 503 with a clear code, audited") {
  BillingSettings settings = test_settings();
  settings.webhook_secrets.clear();
  World world(settings);
  const auto answer = world.stripe(checkout_event());
  CHECK(answer.status == 503);
  CHECK(answer.body.find("STRIPE_WEBHOOK_NOT_CONFIGURED") != std::string::npos);
  CHECK(answer.body.find("STRIPE_WEBHOOK_SECRET") != std::string::npos);
  REQUIRE(world.wait([&] { return world.audited("STRIPE_WEBHOOK_REFUSED") == 1; }));
}

TEST_CASE("stripe webhook: what could not be stored gets 503, and sent again it has one effect") {
  for (const char* point : {"billing.store.before_commit=error@1", "billing.store.after_commit=error@1"}) {
    World world;
    world.add_client("acme", "ann@example.com");
    configure_failpoints(point);
    CHECK(world.stripe(checkout_event()).status == 503);
    configure_failpoints("");
    CHECK(world.stripe(checkout_event()).status == 200);
    world.wait_decided();
    CHECK(world.mails().size() == 1);
    CHECK(world.told().size() == 1);
  }
}
