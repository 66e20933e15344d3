#include <rapidjson/document.h>

#include <set>

#include "health-aggregator/app/verify_audit_chain.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;

namespace {

rapidjson::Document parsed(const http::Response& response, int status = 200) {
  INFO(response.body);
  REQUIRE(response.status == status);
  rapidjson::Document document;
  document.Parse(response.body.c_str());
  REQUIRE_FALSE(document.HasParseError());
  return document;
}

std::string text_of(const rapidjson::Value& value, const char* name) {
  REQUIRE(value.HasMember(name));
  return value[name].IsString() ? value[name].GetString() : "(none)";
}

struct Routes : World {
  Routes()
      : running(*this),
        ingest(metrics, clock),
        feed(*this, ingest),
        audit(as_health(), audit_key, clock),
        audit_feed(*this, audit) {}

  // n messages a second apart, newest last; every fifth one FAILED, every tenth one of client "globex" over SMS.
  std::vector<std::string> messages(int count) {
    std::vector<std::string> ids;
    std::vector<MessageEvent> batch;
    for (int i = 0; i < count; ++i) {
      clock.advance(std::chrono::seconds{1});
      const std::string id = new_uuid(clock.now());
      ids.push_back(id);
      MessageEvent queued = message_event(id, Status::QUEUED, clock.now());
      MessageEvent done = message_event(id, i % 5 == 0 ? Status::FAILED : Status::SENT, clock.now(), 1);
      if (i % 10 == 0) {
        queued.client_id = done.client_id = "globex";
        queued.channel = done.channel = events::Channel::SMS;
        done.provider = "twilio";
        queued.recipient_hash = running.sealer().reference("+447700900123");
      }
      batch.push_back(queued);
      batch.push_back(done);
    }
    feed(batch);
    return ids;
  }

  // All ids over all pages, checking that each page but the last leads on.
  std::vector<std::string> all_pages(std::map<std::string, std::string> query, int limit) {
    std::vector<std::string> ids;
    query["limit"] = std::to_string(limit);
    for (int page = 0; page < 1'000; ++page) {
      const auto answer = parsed(running.get("/api/admin/message-logs", query));
      for (const auto& item : answer["items"].GetArray()) ids.push_back(text_of(item, "message_id"));
      if (answer["next_cursor"].IsNull()) return ids;
      query["cursor"] = answer["next_cursor"].GetString();
    }
    FAIL("the pages never end");
    return ids;
  }

  RunningService running;
  IngestMessageLog ingest;
  Feed feed;
  IngestAudit audit;
  Feed audit_feed;
};

}  // namespace

TEST_CASE_METHOD(Routes, "message log pages: a thousand messages come once each, newest first, without a gap") {
  std::vector<std::string> ids = messages(1'000);
  std::reverse(ids.begin(), ids.end());
  CHECK(all_pages({}, 200) == ids);
  CHECK(all_pages({}, 77) == ids);
}

TEST_CASE_METHOD(Routes, "message log pages: messages that arrive between two pages shift nothing") {
  std::vector<std::string> ids = messages(20);
  const auto first = parsed(running.get("/api/admin/message-logs", {{"limit", "10"}}));
  messages(5);
  const auto second =
      parsed(running.get("/api/admin/message-logs", {{"limit", "10"}, {"cursor", first["next_cursor"].GetString()}}));
  CHECK(text_of(second["items"][0], "message_id") == ids[9]);
  CHECK(text_of(second["items"][9], "message_id") == ids[0]);
  CHECK(second["next_cursor"].IsNull());
}

TEST_CASE_METHOD(Routes, "message log filters: each one finds exactly what fits") {
  const std::vector<std::string> ids = messages(100);
  CHECK(all_pages({{"status", "FAILED"}}, 7).size() == 20);
  CHECK(all_pages({{"status", "SENT"}}, 7).size() == 80);
  CHECK(all_pages({{"status", "QUEUED"}}, 7).empty());
  CHECK(all_pages({{"channel", "SMS"}}, 7).size() == 10);
  CHECK(all_pages({{"client_id", "globex"}, {"status", "FAILED"}}, 7).size() == 10);
  CHECK(all_pages({{"provider", "twilio"}}, 7).size() == 10);
  CHECK(all_pages({{"recipient", "+447700900123"}, {"provider", "twilio"}}, 7).size() == 10);
  CHECK(all_pages({{"recipient", "+447700900124"}}, 7).empty());
  CHECK(all_pages({{"template_key", "PAYMENT_FAILED"}}, 50).size() == 100);
  CHECK(all_pages({{"template_key", "WELCOME_EMAIL"}}, 50).empty());
  const std::string from = to_rfc3339(*uuid_time(ids[40])), to = to_rfc3339(*uuid_time(ids[60]));
  const auto between = all_pages({{"from", from}, {"to", to}}, 7);
  REQUIRE(between.size() == 20);
  CHECK(between.front() == ids[59]);
  CHECK(between.back() == ids[40]);
}

TEST_CASE_METHOD(Routes, "message log filters: a bad one is 400 and named") {
  for (const auto& [name, value] : std::map<std::string, std::string>{{"status", "LOST"},
                                                                      {"channel", "FAX"},
                                                                      {"from", "today"},
                                                                      {"limit", "201"},
                                                                      {"cursor", "abc"},
                                                                      {"colour", "red"}}) {
    const auto problem = parsed(running.get("/api/admin/message-logs", {{name, value}}), 400);
    CHECK(text_of(problem, "field") == (name == "colour" ? "colour" : name));
    CHECK(text_of(problem, "code") == "INVALID_FIELD");
  }
}

TEST_CASE_METHOD(Routes, "message: its sender and an admin see it, another sender does not") {
  const std::string id = messages(1)[0];
  clock.advance(std::chrono::minutes{2});
  const auto own = parsed(running.get("/api/notifications/" + id, {}, running.shop_key));
  CHECK(text_of(own, "status") == "FAILED");
  CHECK(text_of(own, "recipient") == "a***@example.com");
  REQUIRE(own["history"].Size() == 2);
  CHECK(text_of(own["history"][0], "status") == "QUEUED");
  CHECK(text_of(own["history"][1], "provider") == "twilio");
  CHECK(running.get("/api/notifications/" + id, {}, running.admin_key).status == 200);
  CHECK(text_of(parsed(running.get("/api/notifications/" + id, {}, running.other_key), 404), "code") ==
        "MESSAGE_NOT_FOUND");
  CHECK(running.get("/api/notifications/" + id, {}, "crl_wrong").status == 401);
  CHECK(running.get("/api/admin/message-logs/" + id, {}, running.shop_key).status == 403);
}

TEST_CASE_METHOD(Routes, "message: an unknown id of the last minute is not logged yet, an older one not found") {
  const std::string id = new_uuid(clock.now());
  const auto early = running.get("/api/notifications/" + id, {}, running.shop_key);
  CHECK(text_of(parsed(early, 404), "code") == "MESSAGE_NOT_LOGGED_YET");
  CHECK(http::field(early.headers, "Retry-After") == "1");
  clock.advance(std::chrono::seconds{61});
  CHECK(text_of(parsed(running.get("/api/notifications/" + id, {}, running.shop_key), 404), "code") ==
        "MESSAGE_NOT_FOUND");
  CHECK(text_of(parsed(running.get("/api/notifications/nonsense", {}, running.shop_key), 404), "code") ==
        "MESSAGE_NOT_FOUND");
}

TEST_CASE_METHOD(Routes, "message detail: an admin sees the recipient in clear, and that is audited") {
  const std::string id = messages(1)[0];
  const auto detail = parsed(running.get("/api/admin/message-logs/" + id));
  CHECK(text_of(detail, "recipient") == "ann@example.com");
  std::vector<events::AuditEvent> seen;
  for (int partition = 0; partition < running.producer().partitions(); ++partition) {
    for (const bus::Received& received : running.producer().peek(bus::topics::audit, partition, -1, 10)) {
      seen.push_back(*events::from_json<events::AuditEvent>(received.record.value));
    }
  }
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].action == "MESSAGE_DETAIL_VIEWED");
  CHECK(seen[0].actor == "api:ops");
  CHECK(seen[0].subject_id == id);
  CHECK(running.get("/api/admin/message-logs/" + new_uuid(clock.now())).status == 404);
}

TEST_CASE_METHOD(Routes, "audit pages: rows of four chains come once each, newest first within a chain") {
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    clock.advance(std::chrono::seconds{1});
    const auto event =
        audit_event(clock.now(), i % 3 == 0 ? "MESSAGE_SENT" : "MESSAGE_DECIDED", "subject" + std::to_string(i % 10));
    audit_feed(std::vector{event}, i % 4);
    expected.push_back(event.event_id);
  }
  std::reverse(expected.begin(), expected.end());
  const auto pages = [&](std::map<std::string, std::string> query) {
    std::vector<std::string> ids;
    for (int page = 0; page < 1'000; ++page) {
      const auto answer = parsed(running.get("/api/admin/audit-logs", query));
      for (const auto& item : answer["items"].GetArray()) ids.push_back(text_of(item, "event_id"));
      if (answer["next_cursor"].IsNull()) return ids;
      query["cursor"] = answer["next_cursor"].GetString();
    }
    FAIL("the pages never end");
    return ids;
  };
  CHECK(pages({{"limit", "17"}}) == expected);
  CHECK(pages({{"limit", "200"}}) == expected);
  CHECK(pages({{"limit", "10"}, {"action", "MESSAGE_SENT"}}).size() == 100);
  CHECK(pages({{"limit", "10"}, {"subject_id", "subject3"}}).size() == 30);
  CHECK(pages({{"actor", "nobody"}}).empty());
  CHECK(pages({{"client_id", "acme"}, {"limit", "200"}}).size() == 300);
  CHECK(running.get("/api/admin/audit-logs", {{"cursor", "abc"}}).status == 400);
}

TEST_CASE_METHOD(Routes, "health summary: says what was sent and failed, and every channel even without messages") {
  messages(20);
  const auto summary = parsed(running.get("/api/admin/notification-health/summary"));
  CHECK(summary["window_minutes"].GetInt() == 60);
  CHECK(summary["sent"].GetInt() == 16);
  CHECK(summary["failed"].GetInt() == 4);
  CHECK(summary["failure_rate"].GetDouble() == Approx(0.2));
  CHECK(summary["channels"]["EMAIL"]["sent"].GetInt() == 16);
  CHECK(summary["channels"]["SMS"]["failed"].GetInt() == 2);
  CHECK(summary["channels"]["SLACK"]["sent"].GetInt() == 0);
  CHECK(summary["throttled_count"].GetInt() == 0);
  CHECK(text_of(summary["top_failed_templates"][0], "template_key") == "PAYMENT_FAILED");
  CHECK(summary["providers"].IsArray());
}

TEST_CASE_METHOD(Routes,
                 "health timeseries: buckets are aligned, gaps are zero and marked, the running one incomplete") {
  messages(1);
  clock.advance(std::chrono::minutes{47});
  messages(1);
  const auto series = parsed(running.get("/api/admin/notification-health/timeseries"));
  const auto& points = series["points"];
  REQUIRE(points.Size() == 16);
  CHECK(points[15]["failed"].GetInt() == 1);
  CHECK_FALSE(points[15]["gap"].GetBool());
  CHECK_FALSE(points[15]["complete"].GetBool());
  CHECK(points[14]["complete"].GetBool());
  int failed = 0, gaps = 0;
  for (const auto& point : points.GetArray()) {
    failed += point["failed"].GetInt();
    gaps += point["gap"].GetBool() ? 1 : 0;
    const auto start = from_rfc3339(text_of(point, "start"));
    CHECK(start->time_since_epoch() % std::chrono::minutes{15} == std::chrono::microseconds{0});
  }
  CHECK(failed == 2);
  CHECK(gaps == 14);
}

TEST_CASE_METHOD(Routes, "health routes: a parameter out of bounds is 400 with its range") {
  const std::string base = "/api/admin/notification-health/";
  CHECK(text_of(parsed(running.get(base + "summary", {{"window_minutes", "0"}}), 400), "detail") ==
        "window_minutes: must be a whole number from 1 to 1440");
  CHECK(running.get(base + "summary", {{"window_minutes", "1441"}}).status == 400);
  CHECK(running.get(base + "timeseries", {{"bucket_minutes", "0"}}).status == 400);
  CHECK(running.get(base + "timeseries", {{"window_minutes", "10"}, {"bucket_minutes", "15"}}).status == 400);
  CHECK(running.get(base + "timeseries", {{"window_minutes", "10080"}, {"bucket_minutes", "1"}}).status == 400);
  CHECK(running.get(base + "recent", {{"limit", "201"}}).status == 400);
  CHECK(running.get(base + "recent", {{"page", "2"}}).status == 400);
  CHECK(running.get(base + "summary", {}, running.shop_key).status == 403);
}

TEST_CASE_METHOD(Routes, "health recent: the newest messages, masked, with the error of what failed") {
  const auto ids = messages(11);
  const auto recent = parsed(running.get("/api/admin/notification-health/recent", {{"limit", "10"}}));
  REQUIRE(recent["items"].Size() == 10);
  CHECK(text_of(recent["items"][0], "message_id") == ids[10]);
  CHECK(text_of(recent["items"][0], "recipient") == "a***@example.com");
  CHECK(recent["items"][0]["error"].IsString());
  CHECK(recent["items"][1]["error"].IsNull());
}

TEST_CASE_METHOD(Routes,
                 "health-aggregator: what is published on the bus is counted right to the row, repeated and mixed") {
  constexpr int count = 500;
  bus::Outbox out;
  std::vector<std::string> ids;
  for (int i = 0; i < count; ++i) ids.push_back(new_uuid(clock.now()));
  const auto publish = [&](const MessageEvent& event) {
    out.publish(bus::topics::message_log, {event.message_id, {}, events::to_json(event)});
  };
  for (const std::string& id : ids) publish(message_event(id, Status::SENT, clock.now(), 1));
  for (const std::string& id : ids) publish(message_event(id, Status::QUEUED, clock.now()));
  for (const std::string& id : ids) publish(message_event(id, Status::SENT, clock.now(), 1));
  out.publish(bus::topics::message_log, {"bad", {}, "garbage"});
  // The last record of each partition, which says that all before it have been handled.
  std::set<int> marked;
  while (marked.size() < 4) {
    const std::string id = new_uuid(clock.now());
    if (marked.insert(bus::partition_of(id, 4)).second) publish(message_event(id, Status::SCHEDULED, clock.now()));
  }
  for (const std::string& id : ids) {
    out.publish(bus::topics::audit, {id, {}, events::to_json(audit_event(clock.now(), "MESSAGE_SENT", id))});
  }
  events::ProviderState state;
  state.provider = "postmark";
  state.channel = events::Channel::EMAIL;
  state.version = 1;
  state.breaker = "CLOSED";
  out.publish(bus::topics::provider_state, {"postmark", {}, events::to_json(state)});
  running.start();
  pg::Connection connection(as_health());
  {
    pg::Connection publisher({url()});
    pg::Transaction tx(publisher);
    running.producer().flush(out, tx);
    tx.commit();
    running.producer().wake(out);
  }
  REQUIRE(running.until([&] { return number("SELECT count(*) FROM health.message_log WHERE status = 14") == 4; }));
  REQUIRE(running.until([&] { return number("SELECT count(*) FROM health.audit_log") >= count; }));
  CHECK(number("SELECT count(*) FROM health.message_log") == 2 * count + 4);
  CHECK(number("SELECT sum(messages) FROM health.minute_rollup WHERE status = 18") == count);
  CHECK(number("SELECT count(*) FROM health.audit_log") == count);
  CHECK(verify_audit_chain(connection, audit_key).rows == count);
  std::size_t dead = 0;
  for (int partition = 0; partition < 4; ++partition)
    dead += running.producer().peek(bus::topics::message_log_dlq, partition, -1, 10).size();
  CHECK(dead == 1);
  REQUIRE(running.until(
      [&] { return parsed(running.get("/api/admin/notification-health/summary"))["providers"].Size() == 1; }));
  REQUIRE(running.until([&] {
    const auto checks = running.service().ready_checks();
    return std::none_of(checks.begin(), checks.end(),
                        [](const service::ReadyCheck& check) { return check.missing().has_value(); });
  }));
}
