// Hours and figures by minute: always the sums of the minute counts, whoever writes those and beside whom.
#include <random>
#include <thread>

#include "health-aggregator/app/apply_retention.hpp"
#include "health-aggregator/app/dashboard_figures.hpp"
#include "health-aggregator/app/health_figures.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;
using namespace std::chrono_literals;

namespace {

// Rows by which the two differ. 0: equal.
constexpr const char* hours_that_differ =
    "WITH summed AS (SELECT date_trunc('hour', minute, 'UTC') AS hour, channel, template_key, status, provider, reason,"
    "                sum(messages) AS messages, sum(latency_ms_sum) AS latency_ms_sum, min(minute) AS first_minute"
    "                FROM health.minute_rollup GROUP BY 1, 2, 3, 4, 5, 6)"
    "SELECT count(*) FROM (SELECT * FROM health.hour_rollup EXCEPT ALL SELECT * FROM summed"
    "                      UNION ALL (SELECT * FROM summed EXCEPT ALL SELECT * FROM health.hour_rollup)) AS differing";
constexpr const char* figures_that_differ =
    "WITH summed AS (SELECT minute, channel, coalesce(sum(messages) FILTER (WHERE status = 18), 0) AS sent,"
    "                coalesce(sum(messages) FILTER (WHERE status IN (19, 23, 25)), 0) AS failed,"
    "                coalesce(sum(messages) FILTER (WHERE status = 15), 0) AS throttled"
    "                FROM health.minute_rollup GROUP BY 1, 2)"
    "SELECT count(*) FROM (SELECT * FROM health.minute_figures EXCEPT ALL SELECT * FROM summed"
    "                      UNION ALL (SELECT * FROM summed EXCEPT ALL SELECT * FROM health.minute_figures)) AS "
    "differing";

struct Sums : World {
  Sums() : ingest(metrics, clock), feed(*this, ingest), connection(as_health()) {}
  MessageEvent event(Status status, UtcTime at, const std::string& reason = "") {
    MessageEvent event = message_event(new_uuid(at), status, at, status == Status::QUEUED ? 0 : 1);
    event.reason = reason;
    event.latency_ms = 20;
    return event;
  }
  void check_equal() {
    CHECK(number("SELECT count(*) FROM health.hour_rollup") > 0);
    CHECK(number(hours_that_differ) == 0);
    CHECK(number(figures_that_differ) == 0);
  }

  IngestMessageLog ingest;
  Feed feed;
  pg::Connection connection;
};

}  // namespace

TEST_CASE_METHOD(Sums, "window sums: equal the minute counts after batches that add to hours now and long past") {
  std::mt19937 random(7);
  const std::array statuses{Status::QUEUED,  Status::SENT,      Status::FAILED,     Status::DEFERRED_THROTTLED,
                            Status::BOUNCED, Status::DELIVERED, Status::UNDELIVERED};
  for (int i = 0; i < 20; ++i) {
    std::vector<MessageEvent> batch;
    for (int j = 0; j < 60; ++j)
      batch.push_back(event(statuses[random() % statuses.size()], clock.now() - std::chrono::minutes{random() % 300},
                            "REASON_" + std::to_string(random() % 2)));
    feed(batch);
  }
  CHECK(number("SELECT sum(messages) FROM health.hour_rollup") == 20 * 60);
  check_equal();
}

TEST_CASE_METHOD(Sums, "window sums: a day is read from hours, and says to the minute since when something fails") {
  const UtcTime hour = std::chrono::floor<std::chrono::hours>(clock.now()) - 5h;
  feed(std::vector{event(Status::FAILED, hour + 40min, "REJECTED"), event(Status::FAILED, hour + 17min, "REJECTED"),
                   event(Status::SENT, hour + 59min)});
  feed(std::vector{event(Status::FAILED, hour + 25min, "REJECTED"), event(Status::SENT, clock.now())});
  const Window day = minutes_window(clock.now(), summary_window_minutes_max);
  const Summary summary = read_summary(connection, day);
  CHECK(summary.total.sent == 2);
  CHECK(summary.total.failed == 3);
  const DashboardFigures figures = read_dashboard_figures(connection, day, summary.waiting, clock.now());
  REQUIRE(figures.failures.size() == 1);
  CHECK(figures.failures[0].messages == 3);
  CHECK(figures.failures[0].since == hour + 17min);
  CHECK(figures.calls.at("postmark").accepted == 2);
  CHECK(figures.calls.at("postmark").refused == 3);
  CHECK(figures.calls.at("postmark").latency_ms == 40);
}

TEST_CASE_METHOD(Sums, "window sums: two writers whose minutes cross in the same hours both go through") {
  const UtcTime hour = std::chrono::floor<std::chrono::hours>(clock.now()) - 3h;
  const auto write = [&](unsigned seed) {
    pg::Connection own(as_health());
    std::mt19937 random(seed);
    for (int i = 0; i < 150; ++i) {
      // In the order of the minutes, as batches are; some of these minutes are new, some are changed.
      own.run("INSERT INTO health.minute_rollup AS r SELECT timestamptz '" + to_rfc3339(hour) +
              "' + m * interval '1 minute', 1, 'T' || t, 18, '', '', 1, 0 FROM (VALUES (" +
              std::to_string(random() % 120) + ", " + std::to_string(random() % 3) + "), (" +
              std::to_string(120 + random() % 60) + ", " + std::to_string(random() % 3) +
              ")) AS v(m, t) ON CONFLICT (minute, channel, template_key, status, provider, reason) DO UPDATE SET "
              "messages = r.messages + excluded.messages");
    }
  };
  std::exception_ptr failed;
  std::thread other([&] {
    try {
      write(1);
    } catch (...) {
      failed = std::current_exception();
    }
  });
  CHECK_NOTHROW(write(2));
  other.join();
  if (failed) std::rethrow_exception(failed);
  CHECK(number("SELECT sum(messages) FROM health.hour_rollup") == 2 * 150 * 2);
  check_equal();
}

TEST_CASE_METHOD(Sums, "window sums: retention takes them with their minutes") {
  HealthSettings settings;
  settings.audit_key = audit_key;
  settings.rollup_retention = std::chrono::days{10};
  feed(std::vector{event(Status::SENT, clock.now() - std::chrono::days{11}), event(Status::SENT, clock.now())});
  CHECK(number("SELECT count(*) FROM health.hour_rollup") == 2);
  CHECK(apply_retention(connection, settings, clock.now()).rollup_rows == 1);
  CHECK(number("SELECT count(*) FROM health.hour_rollup") == 1);
  CHECK(number("SELECT count(*) FROM health.minute_figures") == 1);
  check_equal();
}

TEST_CASE("window sums: what was counted before there were any is in them, and what older programs count later") {
  carillon::testing::TestDatabase database;
  pg::Connection owner({database.url()});
  pg::Schema before = schema();
  const auto sums = std::find_if(before.migrations.begin(), before.migrations.end(), [](const pg::Migration& each) {
    return std::string_view(each.name).starts_with("040");
  });
  REQUIRE(sums != before.migrations.end());
  before.migrations = before.migrations.first(static_cast<std::size_t>(sums - before.migrations.begin()));
  pg::migrate(owner, before);
  // As a program of the version before writes, an hour ago and now.
  const auto count = [&] {
    owner.run(
        "INSERT INTO health.minute_rollup AS r SELECT date_trunc('minute', now()) - m * interval '60 minutes', 1, 'T', "
        "s, '', '', 5, 100 FROM generate_series(0, 1) m, (VALUES (18), (19)) v(s) "
        "ON CONFLICT (minute, channel, template_key, status, provider, reason) DO UPDATE SET messages = r.messages + "
        "excluded.messages, latency_ms_sum = r.latency_ms_sum + excluded.latency_ms_sum");
  };
  count();
  pg::migrate(owner, schema());
  const auto differing = [&](const char* sql) { return owner.run(sql)[0][0].as<std::int64_t>(); };
  CHECK(owner.run("SELECT sum(messages) FROM health.hour_rollup")[0][0].as<int>() == 20);
  CHECK(differing(hours_that_differ) == 0);
  CHECK(differing(figures_that_differ) == 0);
  count();
  CHECK(owner.run("SELECT sum(messages) FROM health.hour_rollup")[0][0].as<int>() >= 40);
  CHECK(differing(hours_that_differ) == 0);
  CHECK(differing(figures_that_differ) == 0);
}
