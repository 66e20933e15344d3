#include <catch2/catch.hpp>

#include "sandbox/core/receipt_order.hpp"
#include "sandbox/core/webhook_url.hpp"

namespace {

using namespace carillon::sandbox;

ReceiptOrder order(const std::string& json) {
  auto parsed = parse_receipt_order(json, true);
  INFO(json);
  REQUIRE(parsed);
  return *parsed;
}

TEST_CASE("receipt orders: every field is read") {
  const ReceiptOrder o = order(
      R"({"provider":"ses","kind":"hard_bounce","delay_ms":5,"count":3,"duplicate":2,"before_answer":true,"reverse":true,)"
      R"("forge":"other_topic","signature_version":2,"recipient_contains":"a@","url":"http://127.0.0.1:1/x"})");
  CHECK(o.provider == ProviderName::SES);
  CHECK(o.kind == ReceiptKind::HARD_BOUNCE);
  CHECK(o.delay_ms == 5);
  CHECK(o.count == 3);
  CHECK(o.duplicate == 2);
  CHECK(o.before_answer);
  CHECK(o.reverse);
  CHECK(o.forge == Forgery::OTHER_TOPIC);
  CHECK(o.signature_version == 2);
  CHECK(o.recipient_contains == "a@");
  CHECK(o.url == "http://127.0.0.1:1/x");
}

TEST_CASE("receipt orders: what is left out has its default, with before_answer without delay") {
  const ReceiptOrder o = order(R"({"provider":"twilio","kind":"delivered"})");
  CHECK(o.delay_ms == receipt_delay_ms_default);
  CHECK(o.count == 0);
  CHECK(order(R"({"provider":"twilio","kind":"delivered","before_answer":true})").delay_ms == 0);
  CHECK(order(R"({"provider":"twilio","kind":"delivered","before_answer":true,"delay_ms":9})").delay_ms == 9);
  CHECK(parse_receipt_order(R"({"provider":"ses","kind":"delivered"})", false));
}

TEST_CASE("receipt orders: mistakes and contradictions are refused with the name of the field") {
  const auto row = GENERATE(table<std::string, std::string>(
      {{R"({"provider":"sns","kind":"delivered"})", "provider"},
       {R"({"kind":"delivered"})", "provider"},
       {R"({"provider":"ses"})", "kind"},
       {R"({"provider":"ses","kind":"lost","url":"http://x/"})", "kind"},
       {R"({"provider":"ses","kind":"unsubscribe","url":"http://x/"})", "kind"},
       {R"({"provider":"twilio","kind":"hard_bounce"})", "kind"},
       {R"({"provider":"postmark","kind":"undelivered","url":"http://x/"})", "kind"},
       {R"({"provider":"ses","kind":"delivered"})", "url"},
       {R"({"provider":"ses","kind":"delivered","url":"ftp://x/"})", "url"},
       {R"({"provider":"ses","kind":"delivered","url":"http://u:p@x/"})", "url"},
       {R"({"provider":"twilio","kind":"delivered","url":"http://x/"})", "url"},
       {R"({"provider":"twilio","kind":"delivered","forge":"old"})", "forge"},
       {R"({"provider":"postmark","kind":"delivered","forge":"old","url":"http://x/"})", "forge"},
       {R"({"provider":"sendgrid","kind":"delivered","forge":"other_topic","url":"http://x/"})", "forge"},
       {R"({"provider":"ses","kind":"delivered","signature_version":3,"url":"http://x/"})", "signature_version"},
       {R"({"provider":"twilio","kind":"delivered","before_answer":1})", "before_answer"},
       {R"({"provider":"twilio","kind":"delivered","duplicate":101})", "duplicate"},
       {R"({"provider":"twilio","kind":"delivered","colour":1})", "colour"},
       {"[]", "object"}}));
  INFO(std::get<0>(row));
  const auto parsed = parse_receipt_order(std::get<0>(row), true);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == "INVALID_ORDER");
  CHECK(parsed.error().detail.find(std::get<1>(row)) != std::string::npos);
}

TEST_CASE("receipt orders: for some recipients before the one for all, for count messages, replaced by the newer") {
  ReceiptOrders orders;
  REQUIRE(orders.set(order(R"({"provider":"twilio","kind":"failed","recipient_contains":"+44","count":2})")));
  REQUIRE(orders.set(order(R"({"provider":"twilio","kind":"delivered"})")));
  CHECK_FALSE(orders.decide(ProviderName::SES, "+44"));
  for (int i = 0; i < 2; ++i) CHECK(orders.decide(ProviderName::TWILIO, "+447")->kind == ReceiptKind::FAILED);
  CHECK(orders.decide(ProviderName::TWILIO, "+447")->kind == ReceiptKind::DELIVERED);
  REQUIRE(orders.set(order(R"({"provider":"twilio","kind":"none"})")));
  CHECK(orders.decide(ProviderName::TWILIO, "+447")->kind == ReceiptKind::NONE);
  orders.clear();
  CHECK_FALSE(orders.decide(ProviderName::TWILIO, "+447"));
}

TEST_CASE("receipt orders: bounded, and read out without passwords") {
  ReceiptOrders orders;
  REQUIRE(orders.set(order(R"({"provider":"postmark","kind":"delivered","url":"http://u:secret@x/y?z=1"})")));
  CHECK(orders.json().find("secret") == std::string::npos);
  CHECK(orders.json().find(R"("url":"http://x/y?z=1")") != std::string::npos);
  for (int i = 1; i < 100; ++i)
    REQUIRE(
        orders.set(order(R"({"provider":"twilio","kind":"none","recipient_contains":")" + std::to_string(i) + "\"}")));
  const auto one_more = orders.set(order(R"({"provider":"twilio","kind":"none"})"));
  REQUIRE_FALSE(one_more);
  CHECK(one_more.error().code == "TOO_MANY_ORDERS");
}

TEST_CASE("receipt events: what a provider tells comes in its order, and a queued SMS only from a messaging service") {
  const auto words = [](ProviderName provider, ReceiptKind kind, bool queued_first = false) {
    std::string out;
    for (const ReceiptEvent event : receipt_events(provider, kind, queued_first))
      out += std::string(event_word(provider, event)) + " ";
    return out;
  };
  CHECK(words(ProviderName::POSTMARK, ReceiptKind::COMPLAINT) == "Delivery SpamComplaint ");
  CHECK(words(ProviderName::POSTMARK, ReceiptKind::UNSUBSCRIBE) == "Delivery SubscriptionChange ");
  CHECK(words(ProviderName::SENDGRID, ReceiptKind::DELIVERED) == "processed delivered ");
  CHECK(words(ProviderName::SENDGRID, ReceiptKind::HARD_BOUNCE) == "processed bounce ");
  CHECK(words(ProviderName::SENDGRID, ReceiptKind::COMPLAINT) == "processed delivered spamreport ");
  CHECK(words(ProviderName::SENDGRID, ReceiptKind::UNDELIVERED) == "dropped ");
  CHECK(words(ProviderName::SES, ReceiptKind::SOFT_BOUNCE) == "Bounce ");
  CHECK(words(ProviderName::TWILIO, ReceiptKind::DELIVERED) == "sent delivered ");
  CHECK(words(ProviderName::TWILIO, ReceiptKind::UNDELIVERED, true) == "queued sent undelivered ");
  CHECK(words(ProviderName::TWILIO, ReceiptKind::FAILED, true) == "queued failed ");
  CHECK(words(ProviderName::SNS, ReceiptKind::DELIVERED).empty());
}

TEST_CASE("webhook urls: user and password are taken out and decoded") {
  const auto url = parse_webhook_url("https://us%3Aer:p%40ss@example.com:8443/a/b?c=d%20e");
  REQUIRE(url);
  CHECK(url->url == "https://example.com:8443/a/b?c=d%20e");
  CHECK(url->user == "us:er");
  CHECK(url->password == "p@ss");
  CHECK(parse_webhook_url("http://[::1]:80")->url == "http://[::1]:80");
  for (const char* bad :
       {"", "x", "/a", "ftp://x/", "http:///a", "http://u@x/", "http://:p@x/", "http://x/#f", "http://x/ y"}) {
    INFO(bad);
    CHECK_FALSE(parse_webhook_url(bad));
  }
}

}  // namespace
