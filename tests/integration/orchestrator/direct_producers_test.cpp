#include <catch2/catch.hpp>

#include "integration/orchestrator/pipe.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

std::string manual(const std::string& words, const std::string& extra = "") {
  return R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":")" +
         words + "\"}" + extra + "}";
}

bus::Record structured(const std::string& source, const std::string& id, const std::string& data) {
  return {"k",
          {{"content-type", "application/cloudevents+json"}},
          R"({"specversion":"1.0","id":")" + id + R"(","source":")" + source +
              R"(","type":"carillon.send-request.v1","data":)" + data + "}"};
}

}  // namespace

TEST_CASE("direct producers: binary and structured mode both send, the message id is ours") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string theirs = new_uuid(pipe.clock.now());
  pipe.publish(bus::topics::send_requests,
               {Pipe::binary("/shop", "e1", manual("one", ",\"message_id\":\"" + theirs + "\"")),
                structured("/shop", "e2", manual("two"))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  for (const auto& message : pipe.seen.messages()) {
    CHECK(is_uuid(message.message_id));
    CHECK(message.message_id != theirs);
    CHECK(message.source == "/shop");
  }
}

TEST_CASE(
    "direct producers: the same key and body is ignored, another body goes to the dead letters and leaves the first "
    "alone") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests,
               {Pipe::binary("/shop", "e1", manual("one")), Pipe::binary("/shop", "e1", manual("one")),
                Pipe::binary("/shop", "e1", manual("other"))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::send_requests_dlq) == 1; }));
  pipe.publish(bus::topics::send_requests,
               {Pipe::binary("/shop", "e1", manual("one")), Pipe::binary("/shop", "e1", manual("other")),
                Pipe::binary("/other", "e1", manual("other")),
                Pipe::binary("/shop", "e9", manual("one", ",\"idempotency_key\":\"e1\""))});
  REQUIRE(pipe.seen.wait(
      [&] { return pipe.seen.count(bus::topics::send_requests_dlq) == 2 && pipe.seen.count(Status::QUEUED) == 2; }));
  const auto letter = pipe.seen.of(bus::topics::send_requests_dlq).at(0).record;
  CHECK(bus::header(letter.headers, "dlq-reason") == "IDEMPOTENCY_KEY_REUSED");
  CHECK(letter.value == manual("other"));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.audits().size() == 4; }));
  CHECK(pipe.seen.messages().size() == 2);
}

TEST_CASE("direct producers: HTTP and topic share keys only within one source") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.post(manual("one"), {{"Idempotency-Key", "k"}}).status == 202);
  pipe.publish(bus::topics::send_requests, {Pipe::binary("api:shop", "x", manual("one", ",\"idempotency_key\":\"k\"")),
                                            Pipe::binary("/shop", "y", manual("one", ",\"idempotency_key\":\"k\""))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.idempotency_keys") == 2);
}

TEST_CASE("direct producers: bad records go to the dead letters with an audit entry, their neighbours go through") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  std::vector<bus::Record> records;
  const std::vector<std::pair<std::string, std::string>> bad{
      {"garbage \x01\x02", "INVALID_CLOUD_EVENT"},
      {"{\"template_key\":\"ADMIN_MANUAL\",\"variables\":{\"body\":\"\xff\xfe\"}}", "MALFORMED_JSON"},
      {"{\"template_key\":\"ADMIN_MANUAL\",\"variables\":{\"body\":\"\\u0000\"}}", "INVALID_FIELD"},
      {"{\"template_key\":\"ADMIN_MANUAL\",\"colour\":\"red\"}", "INVALID_FIELD"},
      {"{\"template_key\":\"lower\"}", "INVALID_FIELD"},
      {"{\"template_key\":\"ADMIN_MANUAL\",\"message_id\":\"" + new_uuid(pipe.clock.now()) +
           "\",\"sealed\":\"bm90IHNlYWxlZA\"}",
       "SEAL_BROKEN"}};
  int n = 0;
  for (const auto& [value, reason] : bad) {
    records.push_back(Pipe::binary("/shop", "good-" + std::to_string(n), manual("words")));
    records.push_back(Pipe::binary("/shop", "bad-" + std::to_string(n), value));
    ++n;
  }
  records.push_back({"k", {}, manual("no attributes")});
  auto other_type = structured("/shop", "other-type", manual("words"));
  other_type.value.replace(other_type.value.find("carillon.send-request.v1"), 24, "com.example.order.placed");
  records.push_back(std::move(other_type));
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(pipe.seen.wait([&] {
    return pipe.seen.count(bus::topics::send_requests_dlq) == bad.size() + 2 &&
           pipe.seen.count(Status::QUEUED) == bad.size() && pipe.seen.audits().size() == 2 * bad.size() + 2;
  }));
  const auto letters = pipe.seen.of(bus::topics::send_requests_dlq);
  for (std::size_t i = 0; i < bad.size(); ++i) {
    INFO(bad[i].first);
    const auto reason = std::string(bus::header(letters[i].record.headers, "dlq-reason"));
    CHECK(reason == bad[i].second);
    CHECK(letters[i].record.value == bad[i].first);
  }
  for (std::size_t i = bad.size(); i < letters.size(); ++i)
    CHECK(bus::header(letters[i].record.headers, "dlq-reason") == "INVALID_CLOUD_EVENT");
  int rejected = 0;
  for (const auto& audit : pipe.seen.audits()) rejected += audit.action == "SEND_REQUEST_REJECTED" ? 1 : 0;
  CHECK(rejected == static_cast<int>(bad.size()) + 2);
}

TEST_CASE("direct producers: sealed requests are opened with the id they were sealed with") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string id = new_uuid(pipe.clock.now());
  events::SealedContent content;
  content.recipient = "+447700900123";
  content.variables.text = R"({"code":"271828"})";
  events::SendRequest request;
  request.message_id = id;
  request.template_key = "OTP_CODE_SMS";
  const auto sealed = [&] {
    request.sealed = pipe.sealer().seal(events::to_json(content), id);
    return events::to_json(request);
  };
  pipe.publish(bus::topics::send_requests,
               {Pipe::binary("carillon/otp", "o1", sealed()), Pipe::binary("carillon/otp", "o1", sealed())});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::dispatch) == 1; }));
  const auto dispatch = pipe.seen.dispatches().at(0);
  const auto plain = pipe.sealer().open(dispatch.sealed, dispatch.message_id);
  REQUIRE(plain);
  CHECK(plain->find("271828") != std::string::npos);
  pipe.publish(bus::topics::send_requests, {Pipe::binary("/shop", "marker", manual("marker"))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  CHECK(pipe.seen.count(bus::topics::send_requests_dlq) == 0);
}

TEST_CASE("ingress: a request whose claim has run out before it was read keeps the id its caller was given") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const UtcTime accepted_at = pipe.clock.now() - std::chrono::hours{100};
  const std::string id = new_uuid(accepted_at);
  const std::string theirs = R"(,"source":"api:shop","idempotency_key":"k","message_id":")" + id +
                             R"(","accepted_at":")" + to_rfc3339(accepted_at) + "\"";
  pipe.publish(bus::topics::send_requests, {Pipe::binary("carillon/orchestrator", "e1", manual("late", theirs)),
                                            Pipe::binary("carillon/orchestrator", "e1", manual("late", theirs)),
                                            Pipe::binary("/shop", "e2", manual("next"))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) >= 1 && pipe.seen.messages().size() >= 2; }));
  std::size_t with_id = 0;
  for (const auto& message : pipe.seen.messages()) with_id += message.message_id == id ? 1 : 0;
  CHECK(with_id == 1);
  CHECK(pipe.seen.messages().size() == 2);
}
