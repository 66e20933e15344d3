// Messages that wait for their time.
#include <rapidjson/document.h>

#include <catch2/catch.hpp>

#include "integration/orchestrator/pipe.hpp"
#include "service/failpoint.hpp"

using namespace carillon;
using namespace carillon::orchestrator::testing;
using events::Status;
using std::chrono::hours;
using std::chrono::seconds;

namespace {

struct Failpoints {
  explicit Failpoints(const char* text) { configure_failpoints(text); }
  ~Failpoints() { configure_failpoints(""); }
};

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

std::vector<Status> statuses_of(const Pipe& pipe, const std::string& id) {
  std::vector<Status> statuses;
  for (const auto& event : pipe.seen.messages())
    if (event.message_id == id) statuses.push_back(event.status);
  return statuses;
}

bool wait_for(Pipe& pipe, Status status, std::size_t count) {
  return pipe.seen.wait([&] { return pipe.seen.count(status) == count; });
}

std::int64_t scheduled(Pipe& pipe) {
  return pipe.number("SELECT count(*) FROM orchestrator.scheduled_messages");
}

}  // namespace

TEST_CASE("schedule: a message with send_at is SCHEDULED until then, and decided by what is so then") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const std::string first = accepted(pipe.post(mail(",\"send_at\":" + in(pipe, hours(2)))));
  const std::string late = accepted(pipe.post(mail(",\"send_at\":" + in(pipe, hours(3)))));
  const std::string past = accepted(pipe.post(mail(",\"send_at\":" + in(pipe, -hours(3)))));
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 2));
  REQUIRE(wait_for(pipe, Status::QUEUED, 1));
  CHECK(statuses_of(pipe, past) == std::vector{Status::QUEUED});
  for (const auto& event : pipe.seen.messages()) {
    if (event.message_id != first) continue;
    CHECK(event.reason == "SEND_AT");
    CHECK(event.next_attempt_at == pipe.clock.now() + hours(2));
  }
  pipe.clock.advance(hours(2) - seconds(1));
  const std::string marker = accepted(pipe.post(mail("")));
  REQUIRE(wait_for(pipe, Status::QUEUED, 2));
  CHECK(statuses_of(pipe, first) == std::vector{Status::SCHEDULED});
  pipe.clock.advance(seconds(1));
  REQUIRE(wait_for(pipe, Status::QUEUED, 3));
  CHECK(statuses_of(pipe, first) == std::vector{Status::SCHEDULED, Status::QUEUED});
  // Who has been suppressed meanwhile gets nothing.
  pipe.owner.run(
      "INSERT INTO orchestrator.suppressions (channel, recipient_hash, reason, created_at) VALUES ('EMAIL', '" +
      pipe.sealer().reference("ann@example.com") + "', 'MANUAL', now())");
  pipe.clock.advance(hours(1));
  REQUIRE(wait_for(pipe, Status::BLOCKED_SUPPRESSED, 1));
  CHECK(statuses_of(pipe, late) == std::vector{Status::SCHEDULED, Status::BLOCKED_SUPPRESSED});
  CHECK(scheduled(pipe) == 0);
}

TEST_CASE("schedule: too far away, or expired before it, is refused; what no waiting mends is BLOCKED at once") {
  Pipe pipe;
  REQUIRE(pipe.wait_ready());
  const auto far = pipe.post(mail(",\"send_at\":" + in(pipe, hours(24 * 90) + seconds(1))));
  CHECK(far.status == 400);
  CHECK(far.body.find("\"send_at\"") != std::string::npos);
  const auto over = pipe.post(mail(",\"send_at\":" + in(pipe, hours(2)) + ",\"expires_at\":" + in(pipe, hours(2))));
  CHECK(over.status == 400);
  CHECK(over.body.find("\"expires_at\"") != std::string::npos);
  pipe.publish(bus::topics::send_requests,
               {Pipe::binary("/shop", "e1", mail(",\"send_at\":" + in(pipe, hours(24 * 91))))});
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.count(bus::topics::send_requests_dlq) == 1; }));
  pipe.post(R"({"template_key":"ADMIN_MANUAL","recipient":"ann@example.com","send_at":)" + in(pipe, hours(1)) + "}");
  REQUIRE(wait_for(pipe, Status::BLOCKED_INVALID_REQUEST, 1));
  pipe.post(R"({"template_key":"NO_SUCH","send_at":)" + in(pipe, hours(1)) + "}");
  REQUIRE(wait_for(pipe, Status::BLOCKED_TEMPLATE_NOT_FOUND, 1));
  CHECK(scheduled(pipe) == 0);
}

TEST_CASE("schedule: the same key again answers the same id and sends once; a sensitive request rests sealed") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const std::string body =
      R"({"template_key":"PASSWORD_RESET","client_id":"c1","recipient":"secret@example.com","variables":{"owner_name":"Ann","reset_url":"https://example.com/token"},"send_at":)" +
      in(pipe, hours(1)) + "}";
  const std::string id = accepted(pipe.post(body, {{"Idempotency-Key", "k"}}));
  CHECK(accepted(pipe.post(body, {{"Idempotency-Key", "k"}})) == id);
  // A direct producer that sent it in clear: it rests sealed all the same.
  pipe.publish(bus::topics::send_requests, {Pipe::binary("/portal", "p1", body, "c1")});
  REQUIRE(pipe.seen.wait([&] { return scheduled(pipe) == 2; }));
  CHECK(pipe.number(
            "SELECT count(*) FROM orchestrator.scheduled_messages WHERE position('secret@' in convert_from(request, "
            "'UTF8')) > 0 OR position('token' in convert_from(request, 'UTF8')) > 0") == 0);
  pipe.clock.advance(hours(1));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 2; }));
  REQUIRE(wait_for(pipe, Status::QUEUED, 2));
  CHECK(accepted(pipe.post(body, {{"Idempotency-Key", "k"}})) == id);
  CHECK(statuses_of(pipe, id) == std::vector{Status::SCHEDULED, Status::QUEUED});
  CHECK(scheduled(pipe) == 0);
  for (const auto& dispatch : pipe.seen.dispatches()) {
    const auto plain = pipe.sealer().open(dispatch.sealed, dispatch.message_id);
    REQUIRE(plain);
    CHECK(plain->find("secret@example.com") != std::string::npos);
  }
}

TEST_CASE("schedule: one that expires while it waits is EXPIRED at that time") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  pipe.owner.run("INSERT INTO orchestrator.quiet_hours VALUES ('c1', 0, 1439, now())");
  const std::string id = accepted(pipe.post(
      R"({"template_key":"ORDER_DELIVERED","client_id":"c1","min_client_version":1,"variables":{"order_id":1},"expires_at":)" +
      in(pipe, seconds(30)) + "}"));
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 1));
  pipe.clock.advance(seconds(30));
  REQUIRE(wait_for(pipe, Status::EXPIRED, 1));
  CHECK(statuses_of(pipe, id) == std::vector{Status::SCHEDULED, Status::EXPIRED});
  CHECK(pipe.seen.dispatches().empty());
}

TEST_CASE("schedule: a rate window is taken when the time has come, and runs from send_at") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  const auto reminder = [&](const std::string& extra) {
    return accepted(pipe.post(
        R"({"template_key":"COMPLIANCE_EXPIRY_SMS","client_id":"c1","min_client_version":1,"variables":{"item":"Lift","expiry_date":"2027-03-01"})" +
        extra + "}"));
  };
  reminder(",\"send_at\":" + in(pipe, hours(30)));
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 1));
  CHECK(pipe.number("SELECT count(*) FROM orchestrator.rate_windows") == 0);
  reminder("");  // today's is not held up by the one of tomorrow
  REQUIRE(wait_for(pipe, Status::QUEUED, 1));
  pipe.clock.advance(hours(30));
  REQUIRE(wait_for(pipe, Status::QUEUED, 2));
  reminder("");
  REQUIRE(wait_for(pipe, Status::BLOCKED_RATE_LIMITED, 1));
}

TEST_CASE(
    "schedule: those due at one moment leave by priority and in turns between clients, the throttle spreads them") {
  PipeOptions options;
  options.settings.email_per_minute_limit = 4;
  Pipe pipe(options);
  for (const char* client : {"big", "small"}) pipe.publish(good_client(client));
  REQUIRE(pipe.wait_ready());
  std::vector<bus::Record> records;
  const auto add = [&](int n, const std::string& client, const std::string& extra = "") {
    records.push_back(
        Pipe::binary("/shop", "m" + std::to_string(n),
                     R"({"template_key":"ADMIN_MANUAL","client_id":")" + client +
                         R"(","min_client_version":1,"recipient":"ann@example.com","variables":{"subject":")" +
                         std::to_string(n) + R"(","body":"x"},"send_at":)" + in(pipe, hours(1)) + extra + "}",
                     client));
  };
  add(10, "big", ",\"priority\":\"BULK\"");
  for (int n = 20; n < 25; ++n) add(n, "big");
  add(30, "small");
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 7));
  pipe.clock.advance(hours(1));
  REQUIRE(wait_for(pipe, Status::QUEUED, 4));
  REQUIRE(wait_for(pipe, Status::DEFERRED_THROTTLED, 3));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() == 4; }));
  std::set<std::string> subjects;
  for (const auto& dispatch : pipe.seen.dispatches()) subjects.insert(dispatch.subject);
  CHECK(subjects == std::set<std::string>{"20", "21", "22", "30"});
}

TEST_CASE("schedule: a release that fails before or after its commit loses and doubles nothing") {
  for (const char* place :
       {"orchestrator.release.before_commit=error@1", "orchestrator.release.after_commit=error@1"}) {
    INFO(place);
    Pipe pipe;
    REQUIRE(pipe.wait_ready());
    std::vector<bus::Record> records;
    for (int n = 0; n < 20; ++n)
      records.push_back(Pipe::binary("/shop", "e" + std::to_string(n), mail(",\"send_at\":" + in(pipe, hours(1)))));
    pipe.publish(bus::topics::send_requests, records);
    REQUIRE(wait_for(pipe, Status::SCHEDULED, 20));
    const Failpoints failpoints(place);
    pipe.clock.advance(hours(1));
    REQUIRE(wait_for(pipe, Status::QUEUED, 20));
    REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() >= 20; }));
    CHECK(pipe.seen.dispatches().size() == 20);
    CHECK(scheduled(pipe) == 0);
  }
}

TEST_CASE("schedule: what waits outlives the instance that stored it, and of three instances one sends it") {
  PipeOptions options;
  options.instances = 3;
  Pipe pipe(options);
  REQUIRE(pipe.wait_ready());
  std::vector<bus::Record> records;
  for (int n = 0; n < 100; ++n)
    records.push_back(Pipe::binary("/shop", "e" + std::to_string(n), mail(",\"send_at\":" + in(pipe, hours(1))),
                                   "k" + std::to_string(n)));
  pipe.publish(bus::topics::send_requests, records);
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 100));
  pipe.service(0).stop();
  pipe.clock.advance(hours(1));
  REQUIRE(wait_for(pipe, Status::QUEUED, 100));
  REQUIRE(pipe.seen.wait([&] { return pipe.seen.dispatches().size() >= 100; }));
  std::set<std::string> ids;
  for (const auto& dispatch : pipe.seen.dispatches()) ids.insert(dispatch.message_id);
  CHECK(pipe.seen.dispatches().size() == 100);
  CHECK(ids.size() == 100);
}

TEST_CASE("schedule: one whose seal can't be opened any more is BLOCKED_INVALID_REQUEST and holds nobody up") {
  Pipe pipe;
  pipe.publish(good_client("c1"));
  REQUIRE(pipe.wait_ready());
  pipe.post(
      R"({"template_key":"PASSWORD_RESET","client_id":"c1","variables":{"owner_name":"Ann","reset_url":"https://example.com/t"},"send_at":)" +
      in(pipe, hours(1)) + "}");
  pipe.post(mail(",\"send_at\":" + in(pipe, hours(1))));
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 2));
  pipe.owner.run(
      "UPDATE orchestrator.scheduled_messages SET request = convert_to(regexp_replace(convert_from(request, 'UTF8'), "
      "'(\"sealed\":\"[^\"]{8})[^\"]{4}', '\\1AAAA'), 'UTF8')");
  pipe.clock.advance(hours(1));
  REQUIRE(wait_for(pipe, Status::BLOCKED_INVALID_REQUEST, 1));
  REQUIRE(wait_for(pipe, Status::QUEUED, 1));
  CHECK(scheduled(pipe) == 0);
}

TEST_CASE("quiet hours: NORMAL and BULK wait until they end, CRITICAL and codes don't; a change holds at once") {
  Pipe pipe;
  events::ClientState client = good_client("c1");
  client.time_zone = "Europe/Berlin";  // the clock stands at 2026-09-21T14:13:20Z, 16:13 there
  pipe.publish(client);
  REQUIRE(pipe.wait_ready());
  pipe.owner.run("INSERT INTO orchestrator.quiet_hours VALUES ('c1', 16 * 60, 17 * 60, now())");
  const auto send = [&](const std::string& extra, const std::string& key = "ORDER_DELIVERED") {
    return accepted(pipe.post(R"({"template_key":")" + key + R"(","client_id":"c1","min_client_version":1,)" +
                              R"("variables":{"order_id":1,"owner_name":"Ann","reset_url":"https://example.com/t"})" +
                              extra + "}"));
  };
  const std::string normal = send("");
  send(",\"priority\":\"BULK\"");
  REQUIRE(wait_for(pipe, Status::SCHEDULED, 2));
  const std::string critical = send(",\"priority\":\"CRITICAL\"");
  const std::string reset = send("", "PASSWORD_RESET");
  REQUIRE(wait_for(pipe, Status::QUEUED, 2));
  CHECK(statuses_of(pipe, critical) == std::vector{Status::QUEUED});
  CHECK(statuses_of(pipe, reset) == std::vector{Status::QUEUED});
  for (const auto& event : pipe.seen.messages()) {
    if (event.message_id != normal) continue;
    CHECK(event.reason == "QUIET_HOURS");
    CHECK(to_rfc3339(*event.next_attempt_at).substr(0, 19) == "2026-09-21T15:00:00");
  }
  // Longer than thought: they wait on, and another one too.
  pipe.owner.run("UPDATE orchestrator.quiet_hours SET end_minute = 18 * 60");
  pipe.clock.advance(hours(1));
  REQUIRE(pipe.seen.wait([&] {
    return pipe.number("SELECT count(*) FROM orchestrator.scheduled_messages WHERE due_at = '2026-09-21T16:00:00Z'") ==
           2;
  }));
  CHECK(pipe.seen.count(Status::QUEUED) == 2);
  pipe.clock.advance(hours(1));
  REQUIRE(wait_for(pipe, Status::QUEUED, 4));
  CHECK(statuses_of(pipe, normal).back() == Status::QUEUED);
}
