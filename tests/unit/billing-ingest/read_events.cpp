#include <catch2/catch.hpp>

#include "billing-ingest/core/plan_prices.hpp"
#include "billing-ingest/core/stripe_event.hpp"
#include "unit/billing-ingest/stripe_events.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;
using namespace std::chrono_literals;

TEST_CASE("stripe events: a checkout names client, customer, subscription and whom Stripe bills") {
  const auto read = read_event(event("evt_1", "checkout.session.completed", 1800000000, checkout_fields()));
  REQUIRE(read);
  CHECK(read->head.id == "evt_1");
  CHECK(read->head.created == UtcTime{1800000000s});
  CHECK(read->kind == EventKind::CHECKOUT);
  CHECK(read->named_client == "acme");
  CHECK(read->customer_id == "cus_1");
  CHECK(read->subscription_id == "sub_1");
  CHECK(read->email == "pay@example.com");
  CHECK(read->metadata_plan == "PRO");
  CHECK(read->paid);
  CHECK_FALSE(read->trial);
  CHECK(read->amount == Amount{4900, "eur"});
}

TEST_CASE("stripe events: metadata.client_id stands in for client_reference_id") {
  auto fields = checkout_fields("");
  fields["metadata"] = R"({"client_id":"acme"})";
  CHECK(read_event(event("evt_1", "checkout.session.completed", 1, fields))->named_client == "acme");
}

TEST_CASE("stripe events: invoices are read in the form of both API versions") {
  const std::string form = GENERATE(as<std::string>{}, "since 2025-03-31", "before", "with expanded objects");
  CAPTURE(form);
  auto fields = invoice_fields();
  if (form == "before") {
    fields["parent"] = "null";
    fields["subscription"] = R"("sub_1")";
    fields["lines"] = R"({"data":[{"period":{"end":1802600000},"price":{"id":"price_pro"}}]})";
  }
  if (form == "with expanded objects") {
    fields["parent"] = "null";
    fields["subscription"] = R"({"id":"sub_1","status":"active"})";
    fields["customer"] = R"({"id":"cus_1"})";
  }
  const auto read = read_event(event("evt_2", "invoice.paid", 1800000000, fields));
  REQUIRE(read);
  CHECK(read->subscription_id == "sub_1");
  CHECK(read->customer_id == "cus_1");
  CHECK(read->first_period);
  CHECK(read->prices == std::vector<std::string>{"price_pro"});
  CHECK(read->period_end == UtcTime{1802600000s});
  CHECK(read->invoice_url == "https://invoice.stripe.com/i/1");
}

TEST_CASE("stripe events: lines that settle a change of plan tell no price") {
  const std::string credit = GENERATE(as<std::string>{}, R"("proration":true)", R"("amount":-1900)",
                                      R"("parent":{"subscription_item_details":{"proration":true}})",
                                      R"("parent":{"invoice_item_details":{"proration":true}})");
  CAPTURE(credit);
  auto fields = invoice_fields("subscription_cycle");
  fields["lines"] = R"({"data":[{"price":{"id":"price_solo"},)" + credit +
                    R"(},{"price":{"id":"price_pro"},"amount":4900,"proration":false}]})";
  const auto read = read_event(event("evt_2", "invoice.paid", 1800000000, fields));
  REQUIRE(read);
  CHECK(read->prices == std::vector<std::string>{"price_pro"});
}

TEST_CASE("stripe events: a reference that no metadata repeat is a bare one") {
  const auto is_bare = [](const std::string& client, const std::string& metadata) {
    auto fields = checkout_fields(client);
    fields["metadata"] = metadata;
    return read_event(event("evt_1", "checkout.session.completed", 1, fields))->bare_reference;
  };
  CHECK(is_bare("acme", "{}"));
  CHECK(is_bare("acme", R"({"client_id":"globex"})"));
  CHECK_FALSE(is_bare("acme", R"({"client_id":"acme"})"));
  CHECK_FALSE(is_bare("", R"({"client_id":"acme"})"));
  CHECK_FALSE(is_bare("", "{}"));
}

TEST_CASE("stripe events: a subscription's period is in its items or, before 2025-03-31, in itself") {
  const std::string place = GENERATE(as<std::string>{}, "in its items", "in itself");
  CAPTURE(place);
  auto fields = subscription_fields("active", "acme");
  if (place == "in itself") {
    fields["items"] = R"({"data":[{"price":{"id":"price_pro"}}]})";
    fields["current_period_end"] = "1802600000";
  }
  const auto read = read_event(event("evt_3", "customer.subscription.updated", 1800000000, fields, "past_due"));
  REQUIRE(read);
  CHECK(read->status == "active");
  CHECK(read->previous_status == "past_due");
  CHECK(read->named_client == "acme");
  CHECK(read->period_end == UtcTime{1802600000s});
}

TEST_CASE("stripe events: what is no event is MALFORMED_EVENT, and its content is not repeated") {
  for (const char* body :
       {"", "[]", "null", "{", "\xff", R"({"id":1,"type":"invoice.paid","created":1})", R"({"id":"evt_1","created":1})",
        R"({"id":"evt_1","type":"invoice.paid"})", R"({"id":"evt_1","type":"invoice.paid","created":-1})",
        R"({"id":"evt_1","type":"invoice.paid","created":1.5})", R"({"id":"evt 1","type":"invoice.paid","created":1})",
        R"({"id":"evt_1","type":"invoice.paid","created":99999999999999999999})"}) {
    const auto head = read_head(body);
    REQUIRE_FALSE(head);
    CHECK(head.error().code == "MALFORMED_EVENT");
  }
  CHECK_FALSE(read_head(event(std::string(256, 'e'), "invoice.paid", 1, {})));
}

TEST_CASE("stripe events: amounts that are no whole numbers of the smallest unit are refused, never rounded") {
  for (const char* amount : {"49.5", "\"4900\"", "9223372036854775808", "1e30"}) {
    auto fields = invoice_fields();
    fields["amount_paid"] = amount;
    const auto read = read_event(event("evt_1", "invoice.paid", 1, fields));
    REQUIRE_FALSE(read);
    CHECK(read.error().detail.find("amount_paid") != std::string::npos);
  }
  auto fields = invoice_fields();
  fields["amount_paid"] = "9223372036854775807";
  CHECK(read_event(event("evt_1", "invoice.paid", 1, fields))->amount->smallest_units == 9223372036854775807);
  fields["amount_paid"] = "null";
  CHECK_FALSE(read_event(event("evt_1", "invoice.paid", 1, fields))->amount);
}

TEST_CASE("stripe events: a NUL or an endless text does not get into what is stored") {
  auto fields = checkout_fields();
  fields["customer_details"] = "{\"email\":\"a\\u0000b@example.com\",\"name\":\"" + std::string(10'000, 'x') + "\"}";
  const auto read = read_event(event("evt_1", "checkout.session.completed", 1, fields));
  REQUIRE(read);
  CHECK(read->email == "ab@example.com");
  CHECK(read->name.size() == stripe_text_chars_max);
}

TEST_CASE("stripe events: of types that nothing follows from only the head is read") {
  const auto read = read_event(R"({"id":"evt_1","type":"charge.succeeded","created":1})");
  REQUIRE(read);
  CHECK(read->kind == EventKind::OTHER);
  CHECK_FALSE(read_event(R"({"id":"evt_1","type":"invoice.paid","created":1})"));
}

TEST_CASE("plans: a price of ours goes before the metadata, which name a plan or nothing") {
  const PlanPrices prices{{{"price_pro", "PRO"}, {"price_solo", "SOLO"}}};
  CHECK(plan_of({"price_other", "price_solo"}, "PRO", prices) == "SOLO");
  CHECK(plan_of({"price_other"}, "PORTFOLIO", prices) == "PORTFOLIO");
  CHECK(plan_of({}, "ENTERPRISE", prices).empty());
  CHECK(prices.price_of("PRO") == "price_pro");
  CHECK(prices.price_of("PORTFOLIO").empty());
}
