// Ending a message before it is sent.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>
#include <thread>

#include "integration/orchestrator/pipe.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;
using http::Method;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

std::string in(const Pipe& pipe, std::chrono::microseconds later) {
  return "\"" + to_rfc3339(pipe.clock.now() + later) + "\"";
}

std::string mail(const std::string& extra, const std::string& body = "x") {
  return R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","variables":{"subject":"Hi","body":")" + body +
         "\"}" + extra + "}";
}

std::string accepted(const http::Answer& answer) {
  REQUIRE(answer.status == 202);
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  return document["message_id"].GetString();
}

std::string code_of(const http::Answer& answer) {
  rapidjson::Document document;
  document.Parse(answer.body.data(), answer.body.size());
  return document.IsObject() && document.HasMember("code") ? document["code"].GetString() : "";
}

std::vector<Status> statuses_of(const Pipe& pipe, const std::string& id) {
  std::vector<Status> statuses;
  for (const auto& event : pipe.seen.messages())
    if (event.message_id == id) statuses.push_back(event.status);
  return statuses;
}

bool wait_for(Pipe& pipe, Status status, std::size_t count) {
  return pipe.seen.wait([&] { return pipe.seen.count(status) == count; });
}

http::Answer cancel(Pipe& pipe, const std::string& id) {
  return pipe.request(Method::POST, "/api/cancellations/" + id, pipe.api_key);
}

std::int64_t scheduled(Pipe& pipe) {
  return pipe.number("SELECT count(*) FROM orchestrator.scheduled_messages");
}

std::vector<events::AuditEvent> cancellations(Pipe& pipe) {
  std::vector<events::AuditEvent> found;
  for (const auto& audit : pipe.seen.audits())
    if (audit.action == "MESSAGE_CANCELLED") found.push_back(audit);
  return found;
}

}  // namespace

TEST_CASE("cancel: a scheduled message is CANCELLED, again is the same, and it never goes out") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string id = accepted(pipe.post(mail(",\"send_at\":" + in(pipe, hours(1)))));
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 1));
  const std::string other_key = security::create_api_key(pipe.owner, "other", {"notifications:send"}, pipe.clock.now());
  const std::string path = "/api/cancellations/" + id;
  CHECK(pipe.request(Method::POST, path, "").status == 401);
  CHECK(pipe.request(Method::POST, path, other_key).status == 404);
  CHECK(code_of(cancel(pipe, "nonsense")) == "MESSAGE_NOT_FOUND");
  CHECK(code_of(cancel(pipe, new_uuid(pipe.clock.now()))) == "MESSAGE_NOT_FOUND");
  CHECK(scheduled(pipe) == 1);
  for (int i = 0; i < 2; ++i) {
    const auto answer = cancel(pipe, id);
    CHECK(answer.status == 200);
    CHECK(answer.body.find("\"CANCELLED\"") != std::string::npos);
  }
  CHECK(pipe.request(Method::POST, path, other_key).status == 404);
  pipe.clock.advance(hours(2));
  accepted(pipe.post(mail("")));
  REQUIRE(wait_for(pipe, Status::QUEUED, 1));
  CHECK(statuses_of(pipe, id) == std::vector{Status::SCHEDULED, Status::CANCELLED});
  REQUIRE(pipe.seen.wait([&] { return !cancellations(pipe).empty(); }));
  const auto audits = cancellations(pipe);
  REQUIRE(audits.size() == 1);
  CHECK(audits[0].actor == "api:shop");
  CHECK(audits[0].subject_id == id);
}

TEST_CASE("cancel: a throttled message gives its rate window back, a parked one is never decided") {
  PipeOptions options;
  options.settings.sms_per_minute_limit = 1;
  Pipe pipe(options);
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  pipe.post(R"({"template_key":"ADMIN_MANUAL_SMS","recipient":"+447700900999","variables":{"body":"x"}})");
  REQUIRE(wait_for(pipe, Status::QUEUED, 1));
  const std::string deferred = accepted(pipe.post(
      R"({"template_key":"COMPLIANCE_EXPIRY_SMS","client_id":"c1","min_client_version":1,"variables":{"item":"Lift","expiry_date":"2027-03-01"}})"));
  const std::string parked = accepted(pipe.post(
      R"({"template_key":"ORDER_DELIVERED","client_id":"c1","min_client_version":9,"variables":{"order_id":1}})"));
  REQUIRE(wait_for(pipe, Status::DEFERRED_THROTTLED, 1));
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.parked_requests") == 1; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 1);
  CHECK(cancel(pipe, deferred).status == 200);
  CHECK(pipe.request(Method::POST, "/api/admin/cancellations/" + parked, pipe.api_key).status == 403);
  CHECK(pipe.request(Method::POST, "/api/admin/cancellations/" + parked, pipe.admin_key).status == 200);
  REQUIRE(wait_for(pipe, Status::CANCELLED, 2));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 0);
  pipe.clock.advance(seconds(120));
  pipe.post(R"({"template_key":"ADMIN_MANUAL_SMS","recipient":"+447700900999","variables":{"body":"y"}})");
  REQUIRE(wait_for(pipe, Status::QUEUED, 2));
  CHECK(statuses_of(pipe, parked) == std::vector{Status::CANCELLED});
  CHECK(pipe.seen.count(Status::CANCELLED) == 2);
}

TEST_CASE("cancel: what has left is 409, and of several messages of a request one alone is cancelled") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string sent = accepted(pipe.post(mail("")));
  REQUIRE(wait_for(pipe, Status::QUEUED, 1));
  const auto now = cancel(pipe, sent);
  CHECK(now.status == 409);
  CHECK(code_of(now) == "MESSAGE_NOT_WAITING");
  CHECK(http::field(now.headers, "Retry-After") == "1");
  pipe.clock.advance(seconds(70));  // ids may be ahead of the clock
  CHECK(code_of(cancel(pipe, sent)) == "ALREADY_DISPATCHED");

  // To ann and bob, the admins.
  const std::string first = accepted(pipe.post(
      R"({"template_key":"PROVISIONING_FAILED_ADMIN","variables":{"client_id":"c","job_id":"j","step":"s","error":"e","failed_step":"s"},"send_at":)" +
      in(pipe, hours(1)) + "}"));
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 2));
  CHECK(cancel(pipe, sibling_uuid(first, 1)).status == 200);
  pipe.clock.advance(hours(1));
  REQUIRE(wait_for(pipe, Status::QUEUED, 2));
  CHECK(statuses_of(pipe, first) == std::vector{Status::SCHEDULED, Status::QUEUED});
  CHECK(statuses_of(pipe, sibling_uuid(first, 1)) == std::vector{Status::SCHEDULED, Status::CANCELLED});
  CHECK(code_of(cancel(pipe, first)) == "ALREADY_DISPATCHED");
}

TEST_CASE(
    "cancel: racing with the release, each message is either CANCELLED or QUEUED, and its caller was told which") {
  PipeOptions options;
  options.instances = 2;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  constexpr std::size_t messages = 400, before = 20;
  std::vector<bus::Record> records;
  for (std::size_t n = 0; n < messages; ++n)
    records.push_back(Pipe::binary("api:shop", "e" + std::to_string(n), mail(",\"send_at\":" + in(pipe, hours(1)))));
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(wait_for(pipe, Status::SCHEDULED, messages));
  std::vector<std::string> ids;
  for (const auto& event : pipe.seen.messages()) ids.push_back(event.message_id);
  std::vector<int> answers(ids.size());
  const auto cancel_some = [&](std::size_t from) {
    for (std::size_t i = from; i < ids.size(); i += 2) {
      answers[i] = cancel(pipe, ids[i]).status;
      pipe.seen.wait_for_news(std::chrono::milliseconds(4));
    }
  };
  std::thread even(cancel_some, 0), odd(cancel_some, 1);
  CHECK(pipe.seen.wait([&] { return pipe.seen.count(Status::CANCELLED) >= before; }));
  pipe.clock.advance(hours(1));
  even.join();
  odd.join();
  REQUIRE(
      pipe.seen.wait([&] { return pipe.seen.count(Status::CANCELLED) + pipe.seen.count(Status::QUEUED) >= messages; }));
  std::map<std::string, std::vector<Status>> seen;
  for (const auto& event : pipe.seen.messages()) seen[event.message_id].push_back(event.status);
  std::size_t cancelled = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    REQUIRE(seen[ids[i]].size() == 2);
    CHECK((answers[i] == 200) == (seen[ids[i]][1] == Status::CANCELLED));
    CHECK((answers[i] == 409) == (seen[ids[i]][1] == Status::QUEUED));
    cancelled += answers[i] == 200 ? 1U : 0U;
  }
  CHECK(cancelled >= before);
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.cancelled_messages") == static_cast<std::int64_t>(cancelled));
  CHECK(scheduled(pipe) == 0);
}
