#include <catch2/catch.hpp>
#include <future>
#include <set>

#include "billing-ingest/adapters/stripe_api.hpp"
#include "http/url.hpp"
#include "integration/billing-ingest/world.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;

namespace {

constexpr const char* checkout_path = "/api/billing/checkout-session";
constexpr const char* portal_path = "/api/billing/portal-link";

http::Fields with(const World::Person& person) {
  return {{"Cookie", person.cookie}, {"X-CSRF-Token", person.csrf}};
}
http::Fields form_of(const World::Person& person) {
  return {{"Cookie", person.cookie}, {"Content-Type", "application/x-www-form-urlencoded"}};
}
World::Person owner_of(World& world, const std::string& client = "acme") {
  return world.sign_in(security::Role::OWNER, client, client + "-owner@example.com");
}
World::Person staff_of(World& world) {
  return world.sign_in(security::Role::STAFF, "acme", "staff@example.com");
}
void subscribe(World& world, const std::string& client = "acme") {
  world.add_client(client, "ann@example.com");
  world.stripe(event("evt_" + client, "checkout.session.completed", began,
                     checkout_fields(client, "sub_" + client, "cus_" + client)));
  world.wait_decided();
}
std::string value_of(const StripeCall& call, const std::string& name) {
  const auto form = http::parse_form(call.body);
  REQUIRE(form);
  const auto found = form->find(name);
  return found == form->end() ? "" : found->second;
}
bool holds(const http::Answer& answer, const std::string& text) {
  return answer.body.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "checkout: an OWNER gets an address at Stripe, for the session's own "
    "client") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto answer =
      world.call(http::Method::POST, checkout_path, R"({"plan":"PRO","client_id":"globex"})", with(owner_of(world)));
  CHECK(answer.status == 200);
  CHECK(holds(answer, world.stripe_url() + "/pay/cs_1"));
  CHECK(holds(answer, R"("test_mode":true)"));
  const auto calls = world.stripe_calls();
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].path == "/v1/checkout/sessions");
  CHECK(value_of(calls[0], "mode") == "subscription");
  CHECK(value_of(calls[0], "client_reference_id") == "acme");
  CHECK(value_of(calls[0], "metadata[client_id]") == "acme");
  CHECK(value_of(calls[0], "subscription_data[metadata][client_id]") == "acme");
  CHECK(value_of(calls[0], "line_items[0][price]") == "price_pro");
  CHECK(value_of(calls[0], "customer_email") == "ann@example.com");
  CHECK(value_of(calls[0], "success_url") == "https://carillon.example.com/billing?checkout=done");
  CHECK(http::field(calls[0].headers, "Authorization") == "Bearer sk_test_key");
  CHECK(http::field(calls[0].headers, "Stripe-Version") == "2025-03-31.basil");
  CHECK(http::field(calls[0].headers, "Idempotency-Key").size() > 20);
  CHECK(world.audited("BILLING_CHECKOUT_CREATED") == 1);
  SECTION(
      "asked again at once the same idempotency key goes out, for another "
      "plan another one") {
    world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner_of(world)));
    world.call(http::Method::POST, checkout_path, R"({"plan":"SOLO"})", with(owner_of(world)));
    const auto all = world.stripe_calls();
    CHECK(http::field(all.at(1).headers, "Idempotency-Key") == http::field(all[0].headers, "Idempotency-Key"));
    CHECK(http::field(all.at(2).headers, "Idempotency-Key") != http::field(all[0].headers, "Idempotency-Key"));
  }
}

TEST_CASE("checkout: STAFF is refused with 403, audited, and Stripe is not called") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto staff = staff_of(world);
  CHECK(world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(staff)).status == 403);
  CHECK(world.call(http::Method::GET, portal_path, "", with(staff)).status == 403);
  CHECK(world.call(http::Method::POST, "/billing/portal", "csrf=" + staff.csrf, form_of(staff)).status == 403);
  CHECK(world.audited("BILLING_CHECKOUT_REFUSED") == 1);
  CHECK(world.audited("BILLING_PORTAL_REFUSED") == 2);
  CHECK(world.stripe_calls().empty());
}

TEST_CASE(
    "checkout: without a session 401, an ADMIN 403, without CSRF token "
    "403, audited") {
  World world;
  CHECK(world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})").status == 401);
  CHECK(world.call(http::Method::GET, portal_path).status == 401);
  CHECK(world.call(http::Method::GET, "/billing").status == 303);
  const auto admin = world.sign_in(security::Role::ADMIN, "", "root@example.com");
  CHECK(world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(admin)).status == 403);
  const auto owner = owner_of(world);
  const auto forged = world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", {{"Cookie", owner.cookie}});
  CHECK(forged.status == 403);
  CHECK(holds(forged, "CSRF_INVALID"));
  const auto stolen = world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})",
                                 {{"Cookie", owner.cookie}, {"X-CSRF-Token", staff_of(world).csrf}});
  CHECK(stolen.status == 403);
  CHECK(world.audited("BILLING_CHECKOUT_REFUSED") == 3);
  CHECK(world.stripe_calls().empty());
}

TEST_CASE(
    "checkout: plans that are none are refused, and so is a second "
    "subscription") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  for (const char* body : {"{}", R"({"plan":"GOLD"})", R"({"plan":7})", "[]", "{"})
    CHECK(world.call(http::Method::POST, checkout_path, body, with(owner)).status == 400);
  subscribe(world);
  const auto second = world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner));
  CHECK(second.status == 409);
  CHECK(holds(second, "SUBSCRIPTION_EXISTS"));
  CHECK(world.stripe_calls().empty());
}

TEST_CASE(
    "portal: needs a subscription, then returns an address for the "
    "client's own customer") {
  World world;
  subscribe(world, "globex");
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  const auto none = world.call(http::Method::GET, portal_path, "", with(owner));
  CHECK(none.status == 409);
  CHECK(holds(none, "NO_SUBSCRIPTION"));
  subscribe(world);
  const auto answer = world.call(http::Method::GET, portal_path, "", with(owner));
  CHECK(answer.status == 200);
  const auto calls = world.stripe_calls();
  REQUIRE(calls.size() == 1);
  CHECK(value_of(calls[0], "customer") == "cus_acme");
  CHECK(value_of(calls[0], "return_url") == "https://carillon.example.com/billing");
  CHECK(world.audited("BILLING_PORTAL_CREATED") == 1);
}

TEST_CASE("billing not configured: stub answers and a banner, never an error") {
  BillingSettings settings = test_settings();
  settings.payment_link_url = "https://buy.stripe.com/test_1";
  SECTION("without the key") {
    settings.secret_key.clear();
    World world(settings);
    world.add_client("acme", "ann@example.com");
    const auto owner = owner_of(world);
    const auto checkout = world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner));
    CHECK(checkout.status == 200);
    CHECK(holds(checkout, R"("configured":false)"));
    CHECK(holds(checkout, R"("missing":["STRIPE_SECRET_KEY"])"));
    CHECK(holds(checkout, "https://buy.stripe.com/test_1?client_reference_id=acme"));
    CHECK(world.call(http::Method::GET, portal_path, "", with(owner)).status == 200);
    const auto page = world.call(http::Method::GET, "/billing", "", with(owner));
    CHECK(page.status == 200);
    CHECK(holds(page, "Billing not configured"));
    CHECK(world.audited("BILLING_CHECKOUT_NOT_CONFIGURED") == 1);
  }
  SECTION("without the plan's price") {
    World world(settings);
    world.add_client("acme", "ann@example.com");
    const auto answer = world.call(http::Method::POST, checkout_path, R"({"plan":"PORTFOLIO"})", with(owner_of(world)));
    CHECK(answer.status == 200);
    CHECK(holds(answer, R"("missing":["STRIPE_PRICE_PORTFOLIO"])"));
  }
}

TEST_CASE(
    "checkout: what Stripe refuses or can't take is told clearly, and "
    "tried again once with the same key") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  SECTION("refused") {
    world.answer_as_stripe(400, R"({"error":{"message":"No such price: 'price_pro'","param":"line_items[0][price]"}})");
    const auto answer = world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner));
    CHECK(answer.status == 502);
    CHECK(holds(answer, "STRIPE_REFUSED"));
    CHECK_FALSE(holds(answer, "No such price"));  // Stripe's words may hold what is nobody's business
    CHECK_FALSE(holds(answer, "price_pro"));
    CHECK(world.stripe_calls().size() == 1);
  }
  SECTION("busy") {
    world.answer_as_stripe(500, "{}");
    const auto answer = world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner));
    CHECK(answer.status == 503);
    CHECK(holds(answer, "STRIPE_BUSY"));
    const auto calls = world.stripe_calls();
    REQUIRE(calls.size() == 2);
    CHECK(http::field(calls[0].headers, "Idempotency-Key") == http::field(calls[1].headers, "Idempotency-Key"));
  }
  SECTION("an address that is none") {
    world.answer_as_stripe(200, R"x({"url":"javascript:alert(1)"})x");
    CHECK(world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner)).status == 502);
  }
  CHECK(world.audited("BILLING_CHECKOUT_REFUSED") == 1);
}

TEST_CASE("checkout: after a failure that Stripe keeps under a key a later order takes the next key, one for all") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  const auto buy = [&] { return world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner)); };
  const auto key = [&](std::size_t call) {
    return std::string(http::field(world.stripe_calls().at(call).headers, "Idempotency-Key"));
  };
  world.answer_as_stripe(500, "{}");
  CHECK(buy().status == 503);
  CHECK(world.stripe_calls().size() == 2);  // no new key within one order
  CHECK(key(1) == key(0));
  world.answer_as_stripe(200, R"({"id":"cs_2","url":")" + world.stripe_url() + R"(/pay/cs_2"})");
  const auto bought = buy();
  CHECK(bought.status == 200);
  CHECK(key(2) == key(0));
  CHECK(key(3) != key(0));
  world.answer_as_stripe(200, R"({"id":"cs_3","url":")" + world.stripe_url() + R"(/pay/cs_3"})");
  CHECK(buy().body == bought.body);  // and no second session after that
  CHECK(key(5) == key(3));
}

TEST_CASE("checkout: failure after failure uses up so many keys and no more") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  world.answer_as_stripe(500, "{}");
  for (int i = 0; i < stripe_keys_max + 3; ++i)
    CHECK(world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner)).status == 503);
  std::set<std::string> keys;
  for (const StripeCall& call : world.stripe_calls()) keys.emplace(http::field(call.headers, "Idempotency-Key"));
  CHECK(keys.size() == stripe_keys_max);
}

TEST_CASE("checkout: after an answer that was lost the key stays, however often it is asked") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  world.answer_as_stripe(200, std::string(300'000, ' '));  // more than is read: the call is given up
  for (int i = 0; i < 2; ++i)
    CHECK(world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner)).status == 503);
  const auto calls = world.stripe_calls();
  CHECK(calls.size() == 4);
  for (const StripeCall& call : calls)
    CHECK(http::field(call.headers, "Idempotency-Key") == http::field(calls[0].headers, "Idempotency-Key"));
}

TEST_CASE(
    "checkout: while Stripe hangs no more than two workers wait for it, others are answered STRIPE_BUSY at once") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  const auto buy = [&] { return world.call(http::Method::POST, checkout_path, R"({"plan":"PRO"})", with(owner)); };
  world.hold_stripe(true);
  std::vector<std::future<http::Answer>> waiting;
  for (int i = 0; i < stripe_orders_at_once_max; ++i) waiting.push_back(std::async(std::launch::async, buy));
  const bool both_wait = world.wait([&] { return world.stripe_calls().size() == waiting.size(); });
  const auto refused = buy();
  const auto page = world.call(http::Method::GET, "/billing", "", {{"Cookie", owner.cookie}});
  world.hold_stripe(false);
  CHECK(both_wait);
  CHECK(refused.status == 503);
  CHECK(holds(refused, "STRIPE_BUSY"));
  CHECK(page.status == 200);
  for (auto& one : waiting) CHECK(one.get().status == 200);
  CHECK(world.stripe_calls().size() == waiting.size());
  CHECK(buy().status == 200);  // both have been given back
}

TEST_CASE(
    "billing page: shows its states to OWNER and STAFF, forms to the "
    "OWNER only") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world), staff = staff_of(world);
  const auto page = [&](const World::Person& person) {
    return world.call(http::Method::GET, "/billing", "", {{"Cookie", person.cookie}});
  };
  CHECK(holds(page(owner), "Test Mode - use test cards"));
  CHECK(holds(page(owner), "Buy PRO"));
  CHECK(holds(page(owner), "not for sale yet"));
  CHECK_FALSE(holds(page(staff), "Buy PRO"));
  subscribe(world);
  CHECK(holds(page(owner), R"(<span class="pill plain">PRO</span>)"));
  CHECK(holds(page(owner), R"(<span class="pill good">Active</span>)"));
  CHECK(holds(page(owner), "Manage subscription"));
  CHECK(holds(page(staff), R"(<span class="pill good">Active</span>)"));
  CHECK_FALSE(holds(page(staff), "Manage subscription"));
  world.stripe(event("evt_down", "customer.subscription.updated", began + 100,
                     subscription_fields("past_due", "acme", "sub_acme", "cus_acme"), "active"));
  world.wait_decided();
  CHECK(holds(page(owner), "A payment is missing"));
  CHECK(holds(page(owner), R"(<span class="pill warn">Past due</span>)"));
  CHECK(holds(page(owner), "Update payment method"));
}

TEST_CASE(
    "billing page: its forms lead to Stripe, and refusals come back as "
    "the page") {
  World world;
  world.add_client("acme", "ann@example.com");
  const auto owner = owner_of(world);
  const auto to_stripe =
      world.call(http::Method::POST, "/billing/checkout", "plan=PRO&csrf=" + owner.csrf, form_of(owner));
  CHECK(to_stripe.status == 303);
  CHECK(http::field(to_stripe.headers, "Location") == world.stripe_url() + "/pay/cs_1");
  const auto none = world.call(http::Method::POST, "/billing/portal", "csrf=" + owner.csrf, form_of(owner));
  CHECK(none.status == 409);
  CHECK(holds(none, "choose a plan first"));
  CHECK(world.call(http::Method::POST, "/billing/checkout", "plan=PRO", form_of(owner)).status == 403);
  CHECK(world.stripe_calls().size() == 1);
}
