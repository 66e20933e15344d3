#include "health-aggregator/app/dashboard_figures.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/app/health_figures.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;

namespace {

struct Log : World {
  Log() : ingest(metrics, clock), feed(*this, ingest), connection(as_health()) {}
  Summary summary(int minutes = 60) { return read_summary(connection, minutes_window(clock.now(), minutes)); }
  std::string new_id() { return new_uuid(clock.now()); }
  // A minute later than what was logged before; returns when.
  UtcTime log(const std::string& id, Status status, int attempt = 0) {
    clock.advance(std::chrono::minutes{1});
    feed(std::vector{message_event(id, status, clock.now(), attempt)});
    return clock.now();
  }
  std::optional<UtcTime> oldest_waiting(std::int64_t waiting) {
    return read_dashboard_figures(connection, minutes_window(clock.now(), 60), waiting, clock.now())
        .queue.oldest_waiting;
  }
  std::optional<UtcTime> oldest_waiting() { return oldest_waiting(summary().waiting); }

  IngestMessageLog ingest;
  Feed feed;
  pg::Connection connection;
};

}  // namespace

TEST_CASE_METHOD(Log, "message log: a message counts once whatever is repeated and in whichever order it comes") {
  const std::string id = new_id();
  const auto queued = message_event(id, Status::QUEUED, clock.now());
  const auto sent = message_event(id, Status::SENT, clock.now(), 1);
  feed(std::vector{sent, queued, sent});
  feed(std::vector{sent});
  feed(std::vector{queued, queued});
  CHECK(number("SELECT count(*) FROM health.message_log") == 2);
  CHECK(number("SELECT sum(messages) FROM health.minute_rollup") == 2);
  CHECK(summary().total.sent == 1);
  CHECK(summary().waiting == 0);
}

TEST_CASE_METHOD(Log, "message log: attempts are counted each, other statuses once a message") {
  const std::string id = new_id();
  feed(std::vector{message_event(id, Status::QUEUED, clock.now()),
                   message_event(id, Status::ATTEMPT_FAILED, clock.now(), 1),
                   message_event(id, Status::ATTEMPT_FAILED, clock.now(), 2)});
  feed(std::vector{message_event(id, Status::UNCONFIRMED, clock.now(), 3),
                   message_event(id, Status::UNCONFIRMED, clock.now(), 4)});
  feed(std::vector{message_event(id, Status::UNCONFIRMED, clock.now(), 5),
                   message_event(id, Status::ATTEMPT_FAILED, clock.now(), 6)});
  CHECK(number("SELECT sum(messages) FROM health.minute_rollup WHERE status = 16") == 3);
  CHECK(number("SELECT sum(messages) FROM health.minute_rollup WHERE status = 17") == 1);
  CHECK(number("SELECT count(*) FROM health.message_log") == 7);
}

TEST_CASE_METHOD(Log, "message log: waiting and held follow a message from acceptance to its end") {
  const std::string id = new_id();
  const auto step = [&](Status status, int attempt) {
    feed(std::vector{message_event(id, status, clock.now(), attempt)});
    const Summary now = summary();
    return std::pair{now.waiting, now.held};
  };
  CHECK(step(Status::DEFERRED_THROTTLED, 0) == std::pair<std::int64_t, std::int64_t>{1, 0});
  CHECK(step(Status::QUEUED, 0) == std::pair<std::int64_t, std::int64_t>{1, 0});
  CHECK(step(Status::UNCONFIRMED, 1) == std::pair<std::int64_t, std::int64_t>{0, 1});
  CHECK(step(Status::ATTEMPT_FAILED, 2) == std::pair<std::int64_t, std::int64_t>{1, 0});
  CHECK(step(Status::DELIVERED, 2) == std::pair<std::int64_t, std::int64_t>{1, 0});
  CHECK(step(Status::SENT, 3) == std::pair<std::int64_t, std::int64_t>{0, 0});
  CHECK(step(Status::UNCONFIRMED, 2) == std::pair<std::int64_t, std::int64_t>{0, 0});
  feed(std::vector{message_event(new_id(), Status::BLOCKED_PLAN, clock.now())});
  CHECK(summary().waiting == 0);
}

TEST_CASE_METHOD(
    Log, "health figures: the oldest waits since QUEUED or DEFERRED; what is scheduled, held, out or over waits not") {
  const std::string first = new_id(), second = new_id();
  log(first, Status::SCHEDULED);
  CHECK_FALSE(oldest_waiting(1));
  const UtcTime deferred = log(first, Status::DEFERRED_THROTTLED), queued = log(second, Status::QUEUED);
  log(first, Status::QUEUED);
  CHECK(oldest_waiting() == deferred);
  log(first, Status::ATTEMPT_FAILED, 1);
  CHECK(oldest_waiting() == deferred);
  log(first, Status::UNCONFIRMED, 2);
  CHECK(oldest_waiting() == queued);
  log(first, Status::ATTEMPT_FAILED, 3);
  CHECK(oldest_waiting() == deferred);
  log(first, Status::SENT, 4);
  CHECK(oldest_waiting() == queued);
  log(second, Status::DELIVERED, 1);  // its SENT is still on the way
  REQUIRE(summary().waiting == 1);
  CHECK_FALSE(oldest_waiting());
}

TEST_CASE_METHOD(
    Log, "health figures: the oldest waiting is found behind all that came later, and began to wait meanwhile") {
  const UtcTime stuck = log(new_id(), Status::QUEUED);
  for (int i = 0; i < 5; ++i) {
    const std::string id = new_id();
    log(id, Status::QUEUED);
    log(id, i % 2 == 0 ? Status::SENT : Status::EXPIRED, 1);
  }
  const std::int64_t waiting = summary().waiting;
  log(new_id(), Status::QUEUED);
  CHECK(oldest_waiting(waiting) == stuck);
}

TEST_CASE_METHOD(Log, "health figures: an oldest waiting that takes too long is left out, and is there the next time") {
  const UtcTime queued = log(new_id(), Status::QUEUED);
  {
    pg::Transaction locked(owner());
    locked.run("LOCK TABLE health.message_log IN ACCESS EXCLUSIVE MODE");
    CHECK_FALSE(oldest_waiting());
  }
  CHECK(oldest_waiting() == queued);
}

TEST_CASE_METHOD(Log, "message log: a window holds whole minutes, the current one included, the one before it not") {
  const UtcTime minute = floor_minute(clock.now());
  const auto at = [&](UtcTime time) { feed(std::vector{message_event(new_uuid(time), Status::SENT, time, 1)}); };
  at(minute - std::chrono::minutes{59});
  at(minute - std::chrono::minutes{59} - std::chrono::microseconds{1});
  at(minute);
  at(minute + std::chrono::minutes{1} - std::chrono::microseconds{1});
  at(minute + std::chrono::minutes{1});
  CHECK(summary(60).total.sent == 3);
  CHECK(summary(61).total.sent == 4);
  CHECK(summary(1).total.sent == 2);
  clock.advance(minute + std::chrono::minutes{1} - clock.now());
  CHECK(summary(60).total.sent == 3);
  CHECK(summary(1).total.sent == 1);
}

TEST_CASE_METHOD(
    Log, "message log: failed is FAILED, BOUNCED and UNDELIVERED, throttled is DEFERRED_THROTTLED, by channel") {
  std::vector<MessageEvent> batch;
  const auto add = [&](Status status, events::Channel channel, const char* template_key, const char* reason) {
    MessageEvent event = message_event(new_id(), status, clock.now(), 1);
    event.channel = channel;
    event.template_key = template_key;
    event.reason = reason;
    batch.push_back(event);
  };
  for (int i = 0; i < 6; ++i) add(Status::SENT, events::Channel::EMAIL, "A", "");
  add(Status::FAILED, events::Channel::EMAIL, "A", "REJECTED");
  add(Status::BOUNCED, events::Channel::EMAIL, "B", "HARD_BOUNCE");
  add(Status::UNDELIVERED, events::Channel::SMS, "B", "UNREACHABLE");
  add(Status::FAILED, events::Channel::SMS, "B", "REJECTED");
  add(Status::DEFERRED_THROTTLED, events::Channel::SMS, "B", "");
  add(Status::EXPIRED, events::Channel::SMS, "B", "");
  add(Status::ATTEMPT_FAILED, events::Channel::SMS, "B", "TIMEOUT");
  add(Status::BLOCKED_PLAN, events::Channel::SMS, "B", "NOT_IN_PLAN");
  feed(batch);
  const Summary now = summary();
  CHECK(now.channels[0].sent == 6);
  CHECK(now.channels[0].failed == 2);
  CHECK(now.channels[0].failure_rate() == Approx(0.25));
  CHECK(now.channels[1].failed == 2);
  CHECK(now.total.throttled == 1);
  REQUIRE(now.top_failed_templates.size() == 2);
  CHECK(now.top_failed_templates[0].key == "B");
  CHECK(now.top_failed_templates[0].count == 3);
  REQUIRE(now.top_failure_reasons.size() == 3);
  CHECK(now.top_failure_reasons[0].key == "REJECTED");
  CHECK(now.top_failure_reasons[0].count == 2);
}

TEST_CASE_METHOD(Log, "message log: templates that do not exist share one count") {
  std::vector<MessageEvent> batch;
  for (int i = 0; i < 50; ++i) {
    batch.push_back(message_event(new_id(), Status::BLOCKED_TEMPLATE_NOT_FOUND, clock.now()));
    batch.back().template_key = "INVENTED_" + std::to_string(i);
  }
  feed(batch);
  CHECK(number("SELECT count(*) FROM health.minute_rollup") == 1);
  CHECK(number("SELECT count(DISTINCT template_key) FROM health.message_log") == 50);
}

TEST_CASE_METHOD(Log, "message log: what is no status event goes to the dead letters, its neighbours go through") {
  const auto good = message_event(new_id(), Status::QUEUED, clock.now());
  auto no_status = good, no_time = good, bad_id = good;
  no_status.status = Status::STATUS_UNSPECIFIED;
  no_time.occurred_at.reset();
  bad_id.message_id = "42";
  feed.texts({"garbage", events::to_json(good), events::to_json(no_status), events::to_json(no_time),
              events::to_json(bad_id), "{\"message_id\":\"" + good.message_id + "\",\"colour\":\"red\"}"});
  CHECK(feed.dead_letters(bus::topics::message_log_dlq) == 5);
  CHECK(number("SELECT count(*) FROM health.message_log") == 1);
}

TEST_CASE_METHOD(Log, "message log: a structured CloudEvent is read like a binary one") {
  const auto event = message_event(new_id(), Status::QUEUED, clock.now());
  feed.received(
      {{0,
        1,
        clock.now(),
        {"key",
         {{"content-type", "application/cloudevents+json"}},
         "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\",\"type\":\"carillon.message-log.v1\",\"data\":" +
             events::to_json(event) + "}"}}});
  CHECK(feed.dead_letters(bus::topics::message_log_dlq) == 0);
  CHECK(find_message(connection, event.message_id)->facts.client_id == "acme");
}

TEST_CASE_METHOD(Log, "message log: every field of an event comes back from the table") {
  MessageEvent event = message_event(new_id(), Status::ATTEMPT_FAILED, clock.now(), 2);
  event.template_version = 3;
  event.channel = events::Channel::SMS;
  event.priority = events::Priority::BULK;
  event.recipient_hash = "0123";
  event.provider_message_id = "pm-1";
  event.round = 1;
  event.reason = "TIMEOUT";
  event.provider_code = "504";
  event.detail = "a \"quoted\" {detail}, with \\ and\nline";
  event.latency_ms = 9'999;
  event.sms_segments = 2;
  event.extra_call = true;
  event.accepted_at = clock.now() - std::chrono::seconds{5};
  event.next_attempt_at = clock.now() + std::chrono::seconds{30};
  feed(std::vector{event});
  const auto view = find_message(connection, event.message_id);
  REQUIRE(view);
  REQUIRE(view->history.size() == 1);
  CHECK(view->history[0] == event);
}

TEST_CASE_METHOD(Log, "message log: rows can't be changed by the service's role") {
  feed(std::vector{message_event(new_id(), Status::QUEUED, clock.now())});
  CHECK_THROWS_AS(connection.run("UPDATE health.message_log SET status = 18"), pg::StatementError);
}

TEST_CASE_METHOD(Log, "message log: ten thousand rows a batch, ten batches (figure printed)") {
  constexpr int messages = 5'000;
  std::chrono::duration<double> best{1e9};
  for (int round = 0; round < 10; ++round) {
    std::vector<std::string> values;
    for (int i = 0; i < messages; ++i) {
      const std::string id = new_id();
      values.push_back(events::to_json(message_event(id, Status::QUEUED, clock.now())));
      values.push_back(events::to_json(message_event(id, Status::SENT, clock.now(), 1)));
    }
    const auto began = std::chrono::steady_clock::now();
    feed.texts(values);
    best = std::min<std::chrono::duration<double>>(best, std::chrono::steady_clock::now() - began);
  }
  CHECK(number("SELECT count(*) FROM health.message_log") == 20 * messages);
  CHECK(summary().total.sent == 10 * messages);
  WARN("message log: " << static_cast<int>(2 * messages / best.count()) << " rows/s");
}

TEST_CASE_METHOD(Log, "message log: metrics name the template of a message, but not one that nobody has") {
  auto wrong = message_event(new_id(), Status::BLOCKED_TEMPLATE_NOT_FOUND, clock.now());
  wrong.template_key = "MADE_UP_BY_THE_CALLER";
  feed(std::vector{message_event(new_id(), Status::QUEUED, clock.now()), wrong});
  const std::string text = metrics.expose();
  CHECK(text.find("carillon_messages_total{channel=\"EMAIL\",status=\"QUEUED\",template_key=\"PAYMENT_FAILED\"} 1\n") !=
        std::string::npos);
  CHECK(text.find("status=\"BLOCKED_TEMPLATE_NOT_FOUND\",template_key=\"unknown\"} 1\n") != std::string::npos);
  CHECK(text.find("MADE_UP") == std::string::npos);
}

TEST_CASE_METHOD(Log, "message log: the time from acceptance to SENT is observed once a message") {
  auto sent = message_event(new_id(), Status::SENT, clock.now(), 1);
  sent.accepted_at = clock.now() - std::chrono::milliseconds(200);
  feed(std::vector{sent, message_event(new_id(), Status::BOUNCED, clock.now())});
  feed(std::vector{sent});
  const std::string text = metrics.expose();
  const std::string labels = "{channel=\"EMAIL\",priority=\"NORMAL\"";
  CHECK(text.find("carillon_send_duration_seconds_count" + labels + "} 1\n") != std::string::npos);
  CHECK(text.find("carillon_send_duration_seconds_bucket" + labels + ",le=\"0.1\"} 0\n") != std::string::npos);
  CHECK(text.find("carillon_send_duration_seconds_bucket" + labels + ",le=\"0.25\"} 1\n") != std::string::npos);
}
