#include <algorithm>
#include <catch2/catch.hpp>

#include "sandbox/core/stripe_account.hpp"
#include "sandbox/core/stripe_objects.hpp"

using namespace carillon;
using namespace carillon::sandbox;

namespace {

const UtcTime now{std::chrono::seconds{1'800'000'000}};
constexpr const char* site = "http://127.0.0.1:8025";
constexpr const char* order =
    "mode=subscription&line_items%5B0%5D%5Bprice%5D=price_pro&client_reference_id=acme&success_url=http%3A%2F%2Fa%2Fb"
    "&metadata%5Bplan%5D=PRO&subscription_data%5Bmetadata%5D%5Bclient_id%5D=acme&customer_email=ann%40example.com";

std::string id_in(const std::string& object) {
  const auto at = object.find("\"id\":\"") + 6;
  return object.substr(at, object.find('"', at) - at);
}

std::vector<std::string> types(const StripeAccount::Events& events) {
  std::vector<std::string> all;
  for (const auto& each : events) all.push_back(each.type);
  return all;
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// A subscription that was paid for with `card`: its id.
std::string bought(StripeAccount& account, const char* card) {
  const auto made = account.make_checkout(order, site);
  REQUIRE(made);
  const auto paid = account.pay(id_in(*made), card, "pay@example.com", "Ann", now);
  REQUIRE(paid);
  return account.checkout(id_in(*made))->subscription;
}

}  // namespace

TEST_CASE("sandbox stripe: a checkout session has a page of ours and what the form says") {
  StripeAccount account("00");
  const auto made = account.make_checkout(order, site);
  REQUIRE(made);
  CHECK(holds(*made, R"("object":"checkout.session")"));
  CHECK(holds(*made, R"("client_reference_id":"acme")"));
  CHECK(holds(*made, std::string(R"("url":")") + site + "/stripe/checkout/" + id_in(*made)));
  CHECK(holds(*made, R"("metadata":{"plan":"PRO"})"));
}

TEST_CASE("sandbox stripe: calls that Stripe would refuse are refused, with the parameter") {
  StripeAccount account("00");
  CHECK(account.make_checkout("mode=payment", site).error().code == "mode");
  CHECK(account.make_checkout("mode=subscription", site).error().code == "line_items[0][price]");
  CHECK(account.make_checkout("mode=subscription&line_items[0][price]=p", site).error().code == "success_url");
  CHECK(account.make_checkout(std::string(order) + "&customer=cus_none", site).error().code == "customer");
  CHECK(account.make_portal("", site).error().code == "customer");
  CHECK(account.make_portal("customer=cus_none", site).error().code == "customer");
}

TEST_CASE("sandbox stripe: a payment makes customer and subscription and tells of all, once") {
  StripeAccount account("00");
  const std::string session = id_in(*account.make_checkout(order, site));
  CHECK_FALSE(account.pay(session, "4000 0000 0000 0002", "", "", now));
  const auto events = account.pay(session, "4242 4242 4242 4242", "", "Ann", now);
  REQUIRE(events);
  CHECK(types(*events) == std::vector<std::string>{"customer.subscription.created", "invoice.paid",
                                                   "customer.subscription.updated", "checkout.session.completed"});
  for (const auto& each : *events) CHECK(holds(each.body, R"("livemode":false)"));
  CHECK(holds((*events)[1].body, R"("billing_reason":"subscription_create")"));
  CHECK(holds((*events)[2].body, R"("previous_attributes":{"status":"incomplete"})"));
  CHECK(holds((*events)[3].body, R"("email":"ann@example.com")"));
  CHECK_FALSE(account.pay(session, "4242424242424242", "", "", now));
}

TEST_CASE("sandbox stripe: periods begin paid or not, an open invoice is paid, and the end is the end") {
  StripeAccount account("00");
  const std::string id = bought(account, "4242424242424242");
  CHECK(types(*account.renew(id, false, now)) ==
        std::vector<std::string>{"invoice.paid", "customer.subscription.updated"});
  CHECK(types(*account.renew(id, true, now)) ==
        std::vector<std::string>{"invoice.payment_failed", "customer.subscription.updated"});
  CHECK(account.subscription(id)->status == "past_due");
  CHECK_FALSE(account.renew(id, false, now));
  CHECK(account.pay_open_invoice(id, now));
  CHECK_FALSE(account.pay_open_invoice(id, now));
  CHECK(types(*account.cancel(id, now)) == std::vector<std::string>{"customer.subscription.deleted"});
  CHECK_FALSE(account.cancel(id, now));
  CHECK_FALSE(account.renew(id, false, now));
  CHECK_FALSE(account.renew("sub_none", false, now));
}

TEST_CASE("sandbox stripe: the card that fails later pays once") {
  StripeAccount account("00");
  const std::string id = bought(account, "4000 0000 0000 0341");
  CHECK(account.subscription(id)->status == "active");
  CHECK(types(*account.renew(id, false, now)).front() == "invoice.payment_failed");
}

TEST_CASE("sandbox stripe: a portal session leads to the customer's newest subscription") {
  StripeAccount account("00");
  const std::string id = bought(account, "4242424242424242");
  const std::string customer = account.subscription(id)->customer;
  const auto portal = account.make_portal("customer=" + customer + "&return_url=http%3A%2F%2Fa", site);
  REQUIRE(portal);
  CHECK(account.portal(id_in(*portal))->return_url == "http://a");
  CHECK(account.subscription_of(customer)->id == id);
  CHECK(holds(StripeAccount::customer_json(*account.customer(customer)), "pay@example.com"));
  CHECK(holds(StripeAccount::subscription_json(*account.subscription(id)), R"("status":"active")"));
}

TEST_CASE("sandbox stripe: events are kept within bounds with what came of telling them") {
  StripeAccount account("00");
  for (std::size_t i = 0; i < stripe_events_max + 10; ++i)
    account.keep(stripe_event("evt_" + std::to_string(i), "invoice.paid", 1, "{}"));
  CHECK(account.events().size() == stripe_events_max);
  account.told("evt_100", 503);
  account.told("evt_100", 200);
  account.told("evt_none", 200);
  const auto found = std::find_if(account.events().begin(), account.events().end(),
                                  [](const auto& each) { return each.id == "evt_100"; });
  REQUIRE(found != account.events().end());
  CHECK(found->status == 200);
  CHECK(found->calls == 2);
}

TEST_CASE("sandbox stripe: an idempotency key gives its first answer again") {
  StripeAccount account("00");
  CHECK(account.answered("key") == nullptr);
  account.remember("key", "/v1/x?a", "{}");
  CHECK(*account.answered("key") == "{}");
  CHECK_FALSE(account.was_other("key", "/v1/x?a"));
  CHECK(account.was_other("key", "/v1/x?b"));
}
