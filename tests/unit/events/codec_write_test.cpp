#include <catch2/catch.hpp>
#include <stdexcept>

#include "events/events.hpp"
#include "unit/events/sample_events.hpp"

using namespace carillon;
using namespace carillon::events;
using carillon::testing::sample;

TEMPLATE_TEST_CASE("codec: what is written is read back the same", "", SendRequest, SealedContent, Dispatch,
                   MessageEvent, AuditEvent, ClientState, ProviderState, Feedback, BillingEvent) {
  const TestType event = sample<TestType>();
  const std::string text = to_json(event);
  CAPTURE(text);
  const Result<TestType> again = from_json<TestType>(text);
  REQUIRE(again);
  CHECK(*again == event);
  CHECK(to_json(*again) == text);
}

TEMPLATE_TEST_CASE("codec: an event at its defaults is an empty object, both ways", "", Context, SendRequest,
                   SealedContent, Dispatch, MessageEvent, AuditEvent, Contacts, Entitlement, ClientState, ProviderState,
                   Feedback, BillingEvent) {
  CHECK(to_json(TestType{}) == "{}");
  CHECK(from_json<TestType>("{}").value() == TestType{});
  CHECK(from_json<TestType>(" \t\r\n{ } \n").value() == TestType{});
}

TEST_CASE("codec: members stand in the contract's order, defaults left out") {
  CHECK(to_json(SendRequest{.template_key = "A",
                            .variables = {R"({"b":1})"},
                            .priority = Priority::CRITICAL,
                            .min_client_version = -7}) ==
        R"({"template_key":"A","variables":{"b":1},"priority":"CRITICAL","min_client_version":"-7"})");
  CHECK(to_json(ProviderState{
            .channel = Channel::SMS, .configured = true, .position = -1, .observed_at = from_unix_micros(0)}) ==
        R"({"channel":"SMS","configured":true,"position":-1,"observed_at":"1970-01-01T00:00:00.000000Z"})");
}

TEST_CASE("codec: a nested struct that is there is written, even when empty") {
  CHECK(to_json(SendRequest{.context = Context{}}) == R"({"context":{}})");
  CHECK(from_json<SendRequest>(R"({"context":{}})").value().context == Context{});
  CHECK(to_json(ClientState{.entitlements = {{}, {.granted = true}}}) == R"({"entitlements":[{},{"granted":true}]})");
}

TEST_CASE("codec: appending keeps what is there") {
  std::string out = "[";
  append_json(out, Context{.reason = "x"});
  CHECK(out == R"([{"reason":"x"})");
}

TEST_CASE("codec: text is escaped wherever in a run it needs it") {
  for (int lead = 0; lead < 20; ++lead) {
    const std::string before(static_cast<std::size_t>(lead), 'x');
    const std::string text = before + "\"\\\n\r\t\x01\x1F\x7F/é🔔 12345678 \"";
    CHECK(to_json(Context{.reason = text}) ==
          "{\"reason\":\"" + before + "\\\"\\\\\\n\\r\\t\\u0001\\u001f\x7F/é🔔 12345678 \\\"\"}");
    CHECK(from_json<Context>(to_json(Context{.reason = text})).value().reason == text);
  }
}

TEST_CASE("codec: malformed UTF-8 and NUL are written as U+FFFD, so that every event written can be read") {
  const std::string text = to_json(Context{.requested_by = std::string("a\0b", 3), .reason = "caf\xE9"});
  CHECK(text ==
        "{\"requested_by\":\"a\xEF\xBF\xBD"
        "b\",\"reason\":\"caf\xEF\xBF\xBD\"}");
  CHECK(from_json<Context>(text));
}

TEST_CASE("codec: 10,000 characters in a field") {
  for (const char* character : {"a", "é", "🔔", "\"", "\n"}) {
    std::string text;
    for (int i = 0; i < 10'000; ++i) text += character;
    CHECK(from_json<Context>(to_json(Context{.reason = text})).value().reason == text);
  }
}

TEST_CASE("codec: an event of a megabyte is read, and a small one after it") {
  const Dispatch big{.html = std::string(1'000'000, 'x')};
  CHECK(from_json<Dispatch>(to_json(big)).value() == big);
  CHECK(from_json<Dispatch>(to_json(sample<Dispatch>())).value() == sample<Dispatch>());
}

TEST_CASE("enum names: as in the contract, both ways") {
  CHECK(std::string(enum_name(Status::BLOCKED_PROVISIONING_INCOMPLETE)) == "BLOCKED_PROVISIONING_INCOMPLETE");
  CHECK(std::string(enum_name(Channel::CHANNEL_UNSPECIFIED)) == "CHANNEL_UNSPECIFIED");
  CHECK(std::string(enum_name(Audience::OPS)) == "OPS");
  Status status{};
  CHECK(enum_from_name("UNDELIVERED", status));
  CHECK(status == Status::UNDELIVERED);
  CHECK_FALSE(enum_from_name("undelivered", status));
  CHECK_FALSE(enum_from_name("", status));
  CHECK(status == Status::UNDELIVERED);
  CHECK_THROWS_AS(enum_name(static_cast<Priority>(99)), std::invalid_argument);
  CHECK_THROWS_AS(enum_name(static_cast<Priority>(-1)), std::invalid_argument);
}
