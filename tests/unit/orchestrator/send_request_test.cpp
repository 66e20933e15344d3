#include "orchestrator/core/send_request.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/body_hash.hpp"
#include "orchestrator/core/template_meta.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

events::SendRequest good() {
  events::SendRequest request;
  request.source = "api:shop";
  request.idempotency_key = "order-1";
  request.template_key = "ORDER_STATUS";
  request.client_id = "client-1";
  return request;
}

template <class Change>
std::string bad_field(Change change) {
  events::SendRequest request = good();
  change(request);
  const auto failure = find_invalid_field(request);
  if (!failure) return "";
  CHECK(failure->code == "INVALID_FIELD");
  return std::string(failed_field(*failure));
}

}  // namespace

TEST_CASE("send request: each bad field is named") {
  using R = events::SendRequest;
  CHECK(bad_field([](R&) {}) == "");
  for (const char* key : {"", "order", "1A", "A-B", "Ä", "A B"})
    CHECK(bad_field([&](R& r) { r.template_key = key; }) == "template_key");
  CHECK(bad_field([](R& r) { r.template_key = std::string(65, 'A'); }) == "template_key");
  CHECK(bad_field([](R& r) { r.template_key = std::string(64, 'A'); }) == "");
  CHECK(bad_field([](R& r) { r.idempotency_key = ""; }) == "idempotency_key");
  CHECK(bad_field([](R& r) { r.idempotency_key = "a\nb"; }) == "idempotency_key");
  CHECK(bad_field([](R& r) { r.idempotency_key = "\xff"; }) == "idempotency_key");
  CHECK(bad_field([](R& r) { r.client_id = "a b"; }) == "client_id");
  CHECK(bad_field([](R& r) { r.client_id = std::string(101, 'a'); }) == "client_id");
  CHECK(bad_field([](R& r) { r.recipient = "not an address"; }) == "recipient");
  CHECK(bad_field([](R& r) { r.recipient = "07700900123"; }) == "recipient");
  CHECK(bad_field([](R& r) { r.recipient = "+447700900123"; }) == "");
  CHECK(bad_field([](R& r) { r.recipient = "https://hooks.slack.com/services/T0/B0/x"; }) == "");
  CHECK(bad_field([](R& r) { r.recipient = "http://hooks.slack.com/services/T0/B0/x"; }) == "recipient");
  CHECK(bad_field([](R& r) { r.recipient = "https://ann@hooks.slack.com/services"; }) == "recipient");
  CHECK(bad_field([](R& r) { r.locale = "d"; }) == "locale");
  CHECK(bad_field([](R& r) { r.locale = "de-AT"; }) == "");
  CHECK(bad_field([](R& r) { r.template_version = -1; }) == "template_version");
  CHECK(bad_field([](R& r) { r.min_client_version = -1; }) == "min_client_version");
  CHECK(bad_field([](R& r) { r.context = events::Context{std::string(201, 'x'), ""}; }) == "context.requested_by");
  CHECK(bad_field([](R& r) { r.context = events::Context{"", "a\rb"}; }) == "context.reason");
  CHECK(bad_field([](R& r) { r.variables.text = "{\"a\":\"" + std::string(variables_bytes_max, 'x') + "\"}"; }) ==
        "variables");
  CHECK(bad_field([](R& r) { r.sealed = "x"; }) == "message_id");
}

TEST_CASE("send request: send_at is within 90 days of acceptance, and before expires_at") {
  using R = events::SendRequest;
  const auto now = from_unix_micros(1'790'000'000'000'000);
  const auto bad = [&](std::chrono::seconds send_in, std::optional<std::chrono::seconds> expires_in = {}) {
    return bad_field([&](R& r) {
      r.accepted_at = now;
      r.send_at = now + send_in;
      if (expires_in) r.expires_at = now + *expires_in;
    });
  };
  using std::chrono::days;
  using std::chrono::seconds;
  CHECK(bad(seconds(-10)) == "");  // has passed: now
  CHECK(bad(days(90)) == "");
  CHECK(bad(days(90) + seconds(1)) == "send_at");
  CHECK(bad(seconds(10), seconds(11)) == "");
  CHECK(bad(seconds(10), seconds(10)) == "expires_at");
  CHECK(bad(seconds(10), seconds(9)) == "expires_at");
}

TEST_CASE("send request: attachments are ids, each named once, ten at most") {
  using R = events::SendRequest;
  const auto id = [](int n) { return "019c1699-7f98-7000-8000-0000000000" + std::to_string(n); };
  CHECK(bad_field([&](R& r) { r.attachments = {id(10), id(11)}; }) == "");
  CHECK(bad_field([&](R& r) { r.attachments = {id(10), "invoice.pdf"}; }) == "attachments[1]");
  CHECK(bad_field([&](R& r) { r.attachments = {id(10), id(11), id(10)}; }) == "attachments[2]");
  CHECK(bad_field([&](R& r) {
          for (int n = 10; n < 20; ++n) r.attachments.push_back(id(n));
        }) == "");
  CHECK(bad_field([&](R& r) {
          for (int n = 10; n < 21; ++n) r.attachments.push_back(id(n));
        }) == "attachments");
}

TEST_CASE("send request: a key may have 200 characters, whatever their bytes") {
  const auto of = [](const char* character, int count) {
    std::string key;
    for (int i = 0; i < count; ++i) key += character;
    return bad_field([&](events::SendRequest& r) { r.idempotency_key = key; });
  };
  CHECK(of("a", 200) == "");
  CHECK(of("a", 201) == "idempotency_key");
  CHECK(of("€", 200) == "");
  CHECK(of("€", 201) == "idempotency_key");
}

TEST_CASE("body hash: order of members and white space do not matter, values do") {
  events::SendRequest a = good(), b = good();
  a.variables.text = R"({"x":{"b":[1,2],"a":"1"},"y":1.50})";
  b.variables.text = R"({"y":1.5,"x":{"a":"1","b":[1,2]}})";
  CHECK(canonical_body(a) == canonical_body(b));
  b.variables.text = R"({"y":1.5,"x":{"a":1,"b":[1,2]}})";
  CHECK(canonical_body(a) != canonical_body(b));
  b.variables.text = R"({"y":1.5,"x":{"a":"1","b":[2,1]}})";
  CHECK(canonical_body(a) != canonical_body(b));
}

TEST_CASE("body hash: who carries the request does not matter, what it asks for does") {
  events::SendRequest a = good(), b = good();
  b.message_id = "0194a1b2-0000-7000-8000-000000000000";
  b.source = "other";
  b.idempotency_key = "other";
  b.accepted_at = from_unix_micros(1);
  b.context = events::Context{"me", "because"};
  CHECK(canonical_body(a) == canonical_body(b));
  b.recipient = "ann@example.com";
  CHECK(canonical_body(a) != canonical_body(b));
  b = a;
  b.attachments = {"019c1699-7f98-7000-8000-0000000000a1"};
  CHECK(canonical_body(a) != canonical_body(b));
  b = a;
  b.expires_at = from_unix_micros(1);
  CHECK(canonical_body(a) != canonical_body(b));
}

TEST_CASE("template meta: unknown members and bad values are refused by name") {
  const std::string good_json =
      R"({"channel":"EMAIL","audience":"CLIENT","priority":"NORMAL","unconfirmed_policy":"HOLD"})";
  REQUIRE(read_template_meta("T", good_json));
  for (const char* bad : {R"({"chanel":"EMAIL"})", R"({"channel":"FAX"})", R"({"active":"yes"})",
                          R"({"rate_limit_window_seconds":-1})", "[]", "{", "{}"}) {
    const auto meta = read_template_meta("T", bad);
    REQUIRE_FALSE(meta);
    CHECK(meta.error().code == "INVALID_TEMPLATE_META");
  }
}

TEST_CASE("template meta: only e-mail to clients that isn't sensitive can be unsubscribed, and not from security") {
  const auto read = [](const std::string& change) {
    return read_template_meta(
        "T", R"({"priority":"BULK","unconfirmed_policy":"HOLD","unsubscribable":true,)" + change + "}");
  };
  const auto good = read(R"("channel":"EMAIL","audience":"CLIENT","category":"digests")");
  REQUIRE(good);
  CHECK(good->unsubscribable);
  for (const char* bad :
       {R"("channel":"SMS","audience":"CLIENT","category":"digests")",
        R"("channel":"EMAIL","audience":"OPS","category":"digests")",
        R"("channel":"EMAIL","audience":"CLIENT","category":"security")", R"("channel":"EMAIL","audience":"CLIENT")",
        R"("channel":"EMAIL","audience":"CLIENT","category":"digests","sensitive":true)"}) {
    const auto meta = read(bad);
    REQUIRE_FALSE(meta);
    CHECK(meta.error().detail.find("unsubscribable") != std::string::npos);
  }
}
