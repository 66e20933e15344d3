// Messages that wait for the throttle are looked at again before they go.
#include <catch2/catch.hpp>

#include "events/cloud_events.hpp"
#include "integration/orchestrator/pipe.hpp"
#include "values/message_id.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Channel;
using events::Status;

namespace {

PipeOptions limited(std::int64_t limit) {
  PipeOptions options;
  options.settings.email_per_minute_limit = limit;
  options.settings.sms_per_minute_limit = limit;
  return options;
}

bus::Record mail(const std::string& id, const std::string& address, const std::string& key = "ADMIN_MANUAL") {
  return Pipe::binary(
      "/shop", id,
      R"({"template_key":")" + key + R"(","recipient":")" + address + R"(","variables":{"subject":"Hi","body":"x"}})");
}

bus::Record suppress(const std::string& hash, const std::string& reason, Channel channel = Channel::EMAIL) {
  events::Feedback f;
  f.kind = events::FeedbackKind::SUPPRESS;
  f.message_id = "019c1699-7f98-7000-8000-000000000001";
  f.channel = channel;
  f.recipient_hash = hash;
  f.reason = reason;
  const auto now = from_unix_micros(1'790'000'000'000'000);
  return {f.message_id,
          events::binary_headers("carillon.feedback.v1", "carillon/provider-dispatcher", new_uuid(now), now),
          events::to_json(f)};
}

std::map<std::string, std::string> last_reasons(const Collected& seen) {
  std::map<std::string, std::string> reasons;
  for (const auto& event : seen.messages())
    reasons[event.recipient_hash] = std::string(events::enum_name(event.status)) + " " + event.reason;
  return reasons;
}

}  // namespace

TEST_CASE("release: who was suppressed or has unsubscribed while a message waited doesn't get it") {
  const std::string old_key(64, '1'), new_key(64, '2');
  PipeOptions options = limited(1);
  options.payload_key = new_key + "," + old_key;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests, {mail("m0", "first@example.com")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1; }));
  pipe.publish(bus::topics::send_requests, {mail("m1", "bounced@example.com"), mail("m2", "rotated@example.com"),
                                            mail("m3", "left@example.com", "LEAD_FOLLOWUP"),
                                            mail("m4", "left-too@example.com"), mail("m5", "wanted@example.com")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 5; }));
  const auto hash = [&](const char* address) { return pipe.sealer().reference(address); };
  const std::string old_hash = security::Sealer::from_text(old_key)->reference("rotated@example.com");
  pipe.publish(
      bus::topics::feedback,
      {suppress(hash("bounced@example.com"), "HARD_BOUNCE"), suppress(old_hash, "COMPLAINT"),
       suppress(hash("left@example.com"), "UNSUBSCRIBE"), suppress(hash("left-too@example.com"), "UNSUBSCRIBE")});
  REQUIRE(pipe.seen.wait([&] {
    return pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 2 &&
           pipe.number("SELECT count(*) FROM orchestrator.unsubscribes") == 2;
  }));
  // Blocked ones take no room: of one place a minute two minutes are enough for the two that go.
  for (int minute = 1; minute <= 2; ++minute) {
    pipe.clock.advance(std::chrono::seconds(62));
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1 + static_cast<std::size_t>(minute); }));
  }
  pipe.clock.advance(std::chrono::seconds(62));  // the follow-up is BULK and comes last
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.messages().size() == 11 && pipe.seen.audits().size() >= 11; }));
  const auto reasons = last_reasons(pipe.seen);
  CHECK(reasons.at(hash("bounced@example.com")) == "BLOCKED_SUPPRESSED RECIPIENT_SUPPRESSED");
  CHECK(reasons.at(hash("rotated@example.com")) == "BLOCKED_SUPPRESSED RECIPIENT_SUPPRESSED");
  CHECK(reasons.at(hash("left@example.com")) == "BLOCKED_PREFERENCE RECIPIENT_UNSUBSCRIBED");
  CHECK(reasons.at(hash("left-too@example.com")) == "QUEUED RELEASED");  // transactional mail
  CHECK(reasons.at(hash("wanted@example.com")) == "QUEUED RELEASED");
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.notification_retry_queue") == 0);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 3; }));
  std::size_t audited = 0;
  for (const auto& audit : pipe.seen.audits())
    audited += audit.action == "MESSAGE_DECIDED" && audit.outcome == "BLOCKED_SUPPRESSED" ? 1 : 0;
  CHECK(audited == 2);
}

TEST_CASE("release: a message that is blocked while it waits gives its rate window back, a sealed one is blocked too") {
  Pipe pipe(limited(1));
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const std::string number = "+447700900123";  // the client's
  pipe.publish(
      bus::topics::send_requests,
      {Pipe::binary("/shop", "s0",
                    R"({"template_key":"ADMIN_MANUAL_SMS","recipient":"+447700900999","variables":{"body":"x"}})")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1; }));
  events::SealedContent content;
  content.recipient = number;
  content.variables.text = R"({"body":"x"})";
  events::SendRequest sealed;
  sealed.message_id = new_uuid(pipe.clock.now());
  sealed.template_key = "ADMIN_MANUAL_SMS";
  sealed.sealed = pipe.sealer().seal(events::to_json(content), sealed.message_id);
  pipe.publish(bus::topics::send_requests,
               {Pipe::binary("/shop", "s1",
                             R"({"template_key":"COMPLIANCE_EXPIRY_SMS","client_id":"c1","min_client_version":1,)"
                             R"("variables":{"item":"Lift","expiry_date":"2027-03-01"}})"),
                Pipe::binary("/shop", "s2", events::to_json(sealed))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 2; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 1);
  pipe.publish(bus::topics::feedback, {suppress(pipe.sealer().reference(number), "STOP", Channel::SMS)});
  REQUIRE(pipe.seen.wait([&] { return pipe.number("SELECT count(*) FROM orchestrator.suppressions") == 1; }));
  pipe.clock.advance(std::chrono::seconds(62));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::BLOCKED_SUPPRESSED) == 2; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 0);
  CHECK(pipe.seen.count(Status::QUEUED) == 1);
}

TEST_CASE("release: what waits for the throttle keeps quiet hours that have begun meanwhile, and others pass it") {
  Pipe pipe(limited(1));  // the clock stands at 2026-09-21T14:13:20Z
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  pipe.publish(bus::topics::send_requests, {mail("m0", "first@example.com")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 1; }));
  REQUIRE(pipe.post(R"({"template_key":"ORDER_DELIVERED","client_id":"c1","min_client_version":1,)"
                    R"("variables":{"order_id":1}})")
              .status == 202);
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 1; }));
  pipe.publish(bus::topics::send_requests, {mail("m1", "next@example.com")});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::DEFERRED_THROTTLED) == 2; }));
  pipe.owner.run("INSERT INTO orchestrator.quiet_hours VALUES ('c1', 14 * 60, 15 * 60, now())");
  pipe.clock.advance(std::chrono::seconds(62));
  REQUIRE(pipe.seen.wait([&] {
    return pipe.number(
               "SELECT count(*) FROM orchestrator.notification_retry_queue WHERE not_before = "
               "'2026-09-21T15:00:00Z'") == 1;
  }));
  pipe.clock.advance(std::chrono::seconds(62));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 2; }));
  CHECK(last_reasons(pipe.seen).at(pipe.sealer().reference("next@example.com")) == "QUEUED RELEASED");
  pipe.clock.advance(std::chrono::hours(1));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(Status::QUEUED) == 3; }));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.notification_retry_queue") == 0);
}
