// An order to forget a recipient (notification.feedback.v1, kind ERASE) at the orchestrator.
#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/orchestrator/pipe.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;

namespace {

const std::string ann = "ann@example.com";

bus::Record mail(const std::string& id, const std::string& recipient) {
  return Pipe::binary(
      "/shop", id,
      R"({"template_key":"ADMIN_MANUAL","recipient":")" + recipient + R"(","variables":{"subject":"s","body":"x"}})");
}

bus::Record erasure(const std::string& hash) {
  events::Feedback f;
  f.kind = events::FeedbackKind::ERASE;
  f.channel = events::Channel::EMAIL;
  f.recipient_hash = hash;
  f.reason = "REQUESTED";
  return {hash, events::binary_headers("carillon.feedback.v1", "carillon/health-aggregator", "e1", from_unix_micros(0)),
          events::to_json(f)};
}

std::optional<events::AuditEvent> erased(Pipe& pipe) {
  std::optional<events::AuditEvent> found;
  pipe.seen.wait([&] {
    for (auto& audit : pipe.seen.audits())
      if (audit.action == "RECIPIENT_ERASED") found = audit;
    return found.has_value();
  });
  return found;
}

}  // namespace

TEST_CASE("recipient erasure: deferred messages to the recipient are cancelled, others' stay in the queue") {
  PipeOptions options;
  options.settings.email_per_minute_limit = 1;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests, {mail("m1", "first@example.com")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1; }));
  pipe.publish(bus::topics::send_requests, {mail("m2", ann), mail("m3", "bob@example.com"), mail("m4", ann)});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 3; }));
  pipe.publish(bus::topics::feedback, {erasure(pipe.sealer().reference(ann))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::CANCELLED) == 2; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.notification_retry_queue") == 1);
  for (const auto& event : pipe.seen.messages()) {
    if (event.status != Status::CANCELLED) continue;
    CHECK(event.reason == "RECIPIENT_ERASED");
    CHECK(event.recipient.empty());
    CHECK(event.recipient_masked.empty());
  }
  const auto audit = erased(pipe);
  REQUIRE(audit);
  CHECK(audit->details.at("messages_cancelled") == "2");
  CHECK(audit->subject_id == pipe.sealer().reference(ann));
}

TEST_CASE("recipient erasure: messages that wait for their time are cancelled, others' are not") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const std::string later = to_rfc3339(pipe.clock.now() + std::chrono::hours{24});
  for (const char* recipient : {"ann@example.com", "bob@example.com"}) {
    REQUIRE(pipe.request(http::Method::POST, "/api/notifications", pipe.api_key,
                         R"({"template_key":"ADMIN_MANUAL","recipient":")" + std::string(recipient) +
                             R"(","variables":{"subject":"s","body":"x"},"send_at":")" + later + "\"}")
                .status == 202);
  }
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::SCHEDULED) == 2; }));
  pipe.publish(bus::topics::feedback, {erasure(pipe.sealer().reference(ann))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::CANCELLED) == 1; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.scheduled_messages") == 1);
  const auto audit = erased(pipe);
  REQUIRE(audit);
  CHECK(audit->details.at("messages_cancelled") == "1");
  for (const auto& event : pipe.seen.messages()) {
    if (event.status != Status::CANCELLED) continue;
    CHECK(event.channel == events::Channel::EMAIL);
    CHECK(event.template_key == "ADMIN_MANUAL");
    // Who cancels it once more is told that it is.
    CHECK(pipe.request(http::Method::POST, "/api/cancellations/" + event.message_id, pipe.api_key, "").status == 200);
  }
}

TEST_CASE("recipient erasure: what is shorter than a reference is no order") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  bus::Record whole = erasure(pipe.sealer().reference(ann));
  whole.key = "a1";
  pipe.publish(bus::topics::feedback, {erasure("a1"), whole});
  REQUIRE(erased(pipe));
  CHECK(pipe.number("SELECT coalesce(sum(record_count), 0) FROM bus.feedback_dlq") == 1);
}

TEST_CASE("recipient erasure: who is suppressed stays so, and nothing else is kept but the reference") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  REQUIRE(pipe.request(http::Method::POST, "/api/admin/suppressions", pipe.admin_key,
                       R"({"channel":"EMAIL","recipient":"ann@example.com"})")
              .status == 201);
  pipe.publish(bus::topics::feedback, {erasure(pipe.sealer().reference(ann))});
  const auto audit = erased(pipe);
  REQUIRE(audit);
  CHECK(audit->details.at("suppressions_kept") == "1");
  pipe.publish(bus::topics::send_requests, {mail("m1", ann)});
  CHECK(pipe.seen.wait([&] { return pipe.seen.count(Status::BLOCKED_SUPPRESSED) == 1; }));
}
