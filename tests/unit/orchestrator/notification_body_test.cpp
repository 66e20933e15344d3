#include "orchestrator/adapters/notification_body.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/send_request.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

const UtcTime now = from_unix_micros(1'790'000'000'000'000);

Result<events::SendRequest> read(http::Fields headers, std::string body) {
  http::Request request;
  request.headers = std::move(headers);
  request.body = std::move(body);
  return read_notification(request, "shop", now);
}

std::string field_of(const Result<events::SendRequest>& result) {
  REQUIRE_FALSE(result);
  return result.error().code == "INVALID_FIELD" ? std::string(failed_field(result.error())) : result.error().code;
}

const char* body = R"({"template_key":"ORDER_STATUS","client_id":"c1","variables":{"order_id":1}})";

}  // namespace

TEST_CASE("notification body: source, message id and time are ours") {
  const auto request = read({{"Content-Type", "application/json; charset=utf-8"}, {"Idempotency-Key", "k1"}}, body);
  REQUIRE(request);
  CHECK(request->source == "api:shop");
  CHECK(request->idempotency_key == "k1");
  CHECK(is_uuid(request->message_id));
  CHECK(request->accepted_at == now);
}

TEST_CASE("notification body: the idempotency key comes quoted, bare or in the body") {
  CHECK(read({{"Idempotency-Key", "\"a \\\"b\\\"\""}}, body)->idempotency_key == "a \"b\"");
  CHECK(read({}, R"({"template_key":"T","idempotency_key":"k"})")->idempotency_key == "k");
  CHECK(read({{"Idempotency-Key", "k"}}, R"({"template_key":"T","idempotency_key":"k"})")->idempotency_key == "k");
  CHECK(field_of(read({{"Idempotency-Key", "x"}}, R"({"template_key":"T","idempotency_key":"k"})")) ==
        "idempotency_key");
  for (const char* bad : {"\"", "\"\"", "\"a", "\"a\"b\"", "\"a\\x\""})
    CHECK(field_of(read({{"Idempotency-Key", bad}}, body)) == "Idempotency-Key");
}

TEST_CASE("notification body: without a key each request gets its own") {
  CHECK(read({}, body)->idempotency_key != read({}, body)->idempotency_key);
}

TEST_CASE("notification body: unknown fields and those that are ours are refused by name") {
  CHECK(field_of(read({}, R"({"template_key":"T","colour":"red"})")) == "colour");
  CHECK(field_of(read({}, R"({"template_key":"T","message_id":"x"})")) == "message_id");
  CHECK(field_of(read({}, R"({"template_key":"T","source":"x"})")) == "source");
  CHECK(field_of(read({}, R"({"template_key":"T","sealed":"x"})")) == "sealed");
  CHECK(field_of(read({}, R"({"template_key":"T","accepted_at":"2027-01-01T00:00:00Z"})")) == "accepted_at");
}

TEST_CASE("notification body: what is not JSON is malformed, another media type unsupported") {
  for (const char* bad :
       {"", "{", "[]", "{}x", "{\"template_key\":\"\xff\"}", "{\"template_key\":\"T\",\"template_key\":\"T\"}"}) {
    INFO(bad);
    CHECK_FALSE(read({}, bad));
  }
  CHECK(field_of(read({{"Content-Type", "text/plain"}}, body)) == "UNSUPPORTED_MEDIA_TYPE");
  CHECK(field_of(read({{"Content-Type", "application/x-www-form-urlencoded"}}, body)) == "UNSUPPORTED_MEDIA_TYPE");
}

TEST_CASE("notification body: CloudEvents in structured and binary mode give their id as key") {
  const std::string structured =
      std::string(R"({"specversion":"1.0","id":"e1","source":"/shop","type":"order","data":)") + body + "}";
  const auto one = read({{"Content-Type", "application/cloudevents+json"}}, structured);
  REQUIRE(one);
  CHECK(one->idempotency_key == "e1");
  CHECK(one->source == "api:shop");
  CHECK(one->template_key == "ORDER_STATUS");
  const auto two = read({{"Content-Type", "application/json"},
                         {"ce-specversion", "1.0"},
                         {"ce-id", "e2"},
                         {"ce-source", "/shop"},
                         {"ce-type", "order"}},
                        body);
  REQUIRE(two);
  CHECK(two->idempotency_key == "e2");
  CHECK(
      read({{"Content-Type", "application/cloudevents+json"}, {"Idempotency-Key", "k"}}, structured)->idempotency_key ==
      "k");
  CHECK_FALSE(read({{"Content-Type", "application/cloudevents+json"}}, R"({"specversion":"1.0"})"));
}
