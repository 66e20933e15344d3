// The message log at ten million rows: how long its figures, lists and searches take, and what each of its indexes
// costs whoever writes it. Prints one JSON object a line. Needs CARILLON_TEST_DATABASE_URL; argument: rows.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "bus/postgres/postgres_bus.hpp"
#include "events/events.hpp"
#include "health-aggregator/app/dashboard_figures.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/app/health_figures.hpp"
#include "health-aggregator/app/ingest_message_log.hpp"
#include "health-aggregator/core/page_cursor.hpp"
#include "health-aggregator/service.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/seal.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"
#include "values/message_id.hpp"

namespace {

using namespace carillon;
using health::MessageFilter;

constexpr int runs = 100;
constexpr double rows_of_a_message = 2.5;
constexpr int days = 30;
constexpr std::size_t recipients = 200'000;
constexpr double figures_target_ms = 50, search_target_ms = 100;
constexpr const char* minute_counts =
    // A week of minutes, 30 templates on two channels in five states each: 1.5 million counts.
    "INSERT INTO health.minute_rollup "
    "SELECT date_trunc('minute', now()) - m * interval '1 minute', 1 + t % 2, 'TEMPLATE_' || t, s, "
    "       CASE WHEN s IN (18, 19) THEN 'postmark' ELSE '' END, CASE WHEN s = 19 THEN 'REJECTED' ELSE '' END, "
    "       CASE WHEN s IN (13, 18) THEN 33 ELSE 1 END, 1000 "
    "FROM generate_series(0, 10079) m, generate_series(1, 30) t, (VALUES (13), (18), (19), (23), (15)) v(s)";

// $1 messages, $2 days: in the order of their ids, as they would have been logged. A twentieth went to one address,
// some to 200,000 others; of 1,000 clients the first have most. Each has its QUEUED; SENT, or FAILED after a failed
// attempt (5 %); every second one DELIVERED. One in 10,000 went by smtp, and one in 10,000 is of a rare template.
constexpr const char* messages =
    "WITH m AS ("
    " SELECT n, now() - $2 * interval '1 day' + (n::float8 / $1::bigint) * $2 * interval '1 day' AS at,"
    "  1 + n % 2 AS channel, CASE WHEN n % 10000 = 7 THEN 'TEMPLATE_RARE' ELSE 'TEMPLATE_' || n * 7919 % 30 END AS "
    "template,"
    "  'client' || (1000 * power(random(), 3))::int AS client,"
    "  CASE WHEN n % 20 = 0 THEN 0 ELSE n * 104729 % 200000 END AS recipient,"
    "  CASE WHEN n % 10000 = 3 THEN 'smtp' WHEN n % 10 = 1 THEN 'ses' ELSE 'postmark' END AS provider"
    " FROM generate_series(0, $1::bigint - 1) n)"
    "INSERT INTO health.message_log"
    " SELECT (lpad(to_hex((extract(epoch FROM m.at) * 1000)::bigint), 12, '0') || '7' ||"
    "         lpad(to_hex(m.n % 4096), 3, '0') || '8' || lpad(to_hex(m.n), 15, '0'))::uuid,"
    "  s.status, s.attempt, m.at, m.template, 1, m.channel, 2, m.client, 'a***@example.com', r.hash,"
    "  CASE WHEN s.attempt = 0 THEN 'person' || m.n || '@example.com' ELSE '' END,"
    "  CASE WHEN s.attempt = 0 THEN '' ELSE m.provider END, '', 0, CASE WHEN s.status = 19 THEN 'REJECTED' ELSE '' END,"
    "  '', '', 12, 0, false, 'api:shop', m.at, NULL, NULL"
    " FROM m JOIN reference r ON r.recipient = m.recipient CROSS JOIN LATERAL (VALUES (13, 0), (CASE WHEN m.n % 20 = 5 "
    "THEN 16 END, 1),"
    "  (CASE WHEN m.n % 20 = 5 THEN 19 ELSE 18 END, 2), (CASE WHEN m.n % 2 = 0 THEN 22 END, 2)) s(status, attempt)"
    " WHERE s.status IS NOT NULL";

struct Measured {
  double p50_ms, p99_ms;
};

Measured measure(const std::function<void()>& work) {
  std::vector<double> millis;
  for (int run = 0; run < runs; ++run) {
    const auto began = std::chrono::steady_clock::now();
    work();
    millis.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
  }
  std::sort(millis.begin(), millis.end());
  return {millis[runs / 2 - 1], millis[runs * 99 / 100 - 1]};  // by nearest rank
}

class Bench {
 public:
  explicit Bench(std::int64_t rows)
      : connection_({database_.url(), health::role}), owner_({database_.url()}), rows_(rows) {
    pg::migrate(owner_, bus::bus_schema());
    pg::migrate(owner_, health::schema());
    bus::grant_topics(owner_, health::role, health::topics_written(), health::topics_read());
    owner_.run("SET statement_timeout = 0");
    owner_.run("SET work_mem = '256MB'");  // a join in one batch keeps the rows' order
  }

  // The indexes are taken away meanwhile and made anew, as pg_restore would.
  void fill() {
    std::vector<std::string> again;
    for (const auto& index :
         owner_.run("SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE "
                    "indrelid = 'health.message_log'::regclass AND NOT indisprimary")) {
      indexes_.emplace_back(index[0].c_str(), index[1].c_str());
      owner_.run(std::string("DROP INDEX ") + index[0].c_str());
    }
    owner_.run("ALTER TABLE health.message_log DROP CONSTRAINT message_log_pkey");
    fill_references();
    const auto count = static_cast<std::int64_t>(static_cast<double>(rows_) / rows_of_a_message);
    owner_.run(with_values(messages, {std::to_string(count), std::to_string(days)}));
    owner_.run("SET maintenance_work_mem = '1GB'");
    owner_.run("ALTER TABLE health.message_log ADD PRIMARY KEY (message_id, status, attempt)");
    for (const auto& [name, definition] : indexes_) owner_.run(definition);
    owner_.run(minute_counts);
    owner_.run("VACUUM ANALYZE health.message_log");
    for (const char* counts : {"minute_rollup", "hour_rollup", "minute_figures"})
      owner_.run(std::string("VACUUM ANALYZE health.") + counts);
    owner_.run("CHECKPOINT");
    for (const auto& row : owner_.run("SELECT pg_relation_size('health.message_log') AS bytes, (SELECT count(*) FROM "
                                      "health.message_log) AS rows"))
      std::printf("{\"bench\":\"health\",\"rows\":%s,\"table_mb\":%ld}\n", row["rows"].c_str(),
                  row["bytes"].as<long>() / 1'000'000);
  }

  void limits() {
    print("limit: SELECT 1", measure([&] { connection_.run("SELECT 1"); }), 0);
    const std::string row = "SELECT * FROM health.message_log WHERE message_id >= '" + id_at(days / 2) + "' LIMIT 1";
    print("limit: one row by its key", measure([&] { connection_.run(row); }), 0);
  }

  void figures() {
    const UtcTime now = clock_.now();
    const auto figure = [&](const char* what, const std::function<void()>& work) {
      print(what, measure(work), figures_target_ms);
    };
    figure("summary, 60 minutes", [&] { health::read_summary(connection_, health::minutes_window(now, 60)); });
    figure("summary, a day", [&] { health::read_summary(connection_, health::minutes_window(now, 1'440)); });
    figure("timeseries, 240 minutes by 15",
           [&] { health::read_timeseries(connection_, *health::buckets(now, 240, 15)); });
    figure("timeseries, a day by 15", [&] { health::read_timeseries(connection_, *health::buckets(now, 1'440, 15)); });
    figure("timeseries, a week by 15",
           [&] { health::read_timeseries(connection_, *health::buckets(now, 10'080, 15)); });
    figure("timeseries, a week by 60",
           [&] { health::read_timeseries(connection_, *health::buckets(now, 10'080, 60)); });
    figure("providers, top failures and queue, a day",
           [&] { health::read_dashboard_figures(connection_, health::minutes_window(now, 1'440), 0, now); });
    MessageFilter newest;
    newest.limit = 100;
    figure("recent, 100", [&] { page(newest); });
  }

  // Each from the newest on and from a cursor anywhere in the thirty days.
  void searches() {
    using F = MessageFilter;
    search("no filter", [](F&) {});
    search("status FAILED", [](F& f) { f.status = events::Status::FAILED; });
    search("status SENT", [](F& f) { f.status = events::Status::SENT; });
    search("status DELIVERED", [](F& f) { f.status = events::Status::DELIVERED; });
    search("status QUEUED, which none is", [](F& f) { f.status = events::Status::QUEUED; });
    search("status ATTEMPT_FAILED, which none is", [](F& f) { f.status = events::Status::ATTEMPT_FAILED; });
    search("status BLOCKED_PLAN, which none is", [](F& f) { f.status = events::Status::BLOCKED_PLAN; });
    search("channel", [](F& f) { f.channel = events::Channel::SMS; });
    search("template", [this](F& f) { f.template_key = "TEMPLATE_" + std::to_string(random_() % 30); });
    search("a rare template", [](F& f) { f.template_key = "TEMPLATE_RARE"; });
    search("a template that is none", [](F& f) { f.template_key = "TEMPLATE_X"; });
    search("client", [this](F& f) { f.client_id = "client" + std::to_string(random_() % 1000); });
    search("the largest client", [](F& f) { f.client_id = "client0"; });
    search("provider postmark", [](F& f) { f.provider = "postmark"; });
    search("provider smtp, rare", [](F& f) { f.provider = "smtp"; });
    search("recipient", [this](F& f) { f.recipient = recipient(random_() % recipients); });
    search("the most frequent recipient", [](F& f) { f.recipient = recipient(0); });
    search("a recipient that is none", [](F& f) { f.recipient = recipient(recipients + 1); });
    search("client and status FAILED", [this](F& f) {
      f.client_id = "client" + std::to_string(random_() % 1000);
      f.status = events::Status::FAILED;
    });
    search("the largest client, a rare template", [](F& f) {
      f.client_id = "client0";
      f.template_key = "TEMPLATE_RARE";
    });
    search("template, provider, channel", [](F& f) {
      f.template_key = "TEMPLATE_3";
      f.provider = "smtp";
      f.channel = events::Channel::EMAIL;
    });
    search("status FAILED, provider smtp", [](F& f) {
      f.status = events::Status::FAILED;
      f.provider = "smtp";
    });
    search("a time range and a client", [this](F& f) {
      f.from = clock_.now() - std::chrono::hours{24 * 20};
      f.to = clock_.now() - std::chrono::hours{24 * 19};
      f.client_id = "client" + std::to_string(random_() % 1000);
    });
  }

  // What an index costs: batches of the ingest with all of them, then with one after the other away.
  void ingest() {
    std::string which = "all indexes";
    for (std::size_t left = indexes_.size();; --left) {
      ingest_with(which, left + 1);
      if (left == 0) return;
      which = "without " + indexes_[left - 1].first + " and those before";
      owner_.run("DROP INDEX " + indexes_[left - 1].first);
    }
  }

 private:
  void fill_references() {
    owner_.run("CREATE TABLE reference (recipient bigint PRIMARY KEY, hash text)");
    pg::CopyRows rows({{"recipient", pg::Type::INT8}, {"hash", pg::Type::TEXT}});
    for (std::size_t n = 0; n < recipients; ++n)
      rows.field(static_cast<std::int64_t>(n)).field(sealer_.reference(recipient(n))).end_row();
    pg::Transaction tx(owner_);
    tx.copy("reference", rows);
    tx.commit();
  }

  static std::string with_values(std::string sql, const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::string place = "$" + std::to_string(i + 1);
      for (std::size_t at = 0; (at = sql.find(place, at)) != std::string::npos;)
        sql.replace(at, place.size(), values[i]);
    }
    return sql;
  }
  std::string id_at(int days_ago) const {
    return health::least_message_id(clock_.now() - std::chrono::hours{24 * days_ago});
  }
  static std::string recipient(std::size_t n) { return "person" + std::to_string(n) + "@example.com"; }

  void page(const MessageFilter& filter) {
    const auto found = health::find_messages(connection_, filter, sealer_);
    if (!found) throw std::logic_error(found.error().detail);
  }

  void search(const std::string& what, const std::function<void(MessageFilter&)>& filter) {
    const auto pages = [&](bool deep) {
      return measure([&] {
        MessageFilter wanted;
        filter(wanted);
        if (deep) wanted.cursor = health::message_cursor(id_at(static_cast<int>(1 + random_() % (days - 1))));
        page(wanted);
      });
    };
    print(what, pages(false), search_target_ms);
    print(what + ", deep cursor", pages(true), search_target_ms);
  }

  void ingest_with(const std::string& which, std::size_t indexes) {
    constexpr int batches = 25, batch_messages = 1'600;
    metrics::Registry metrics;
    health::IngestMessageLog ingest(metrics, clock_);
    std::vector<std::vector<bus::Received>> work;
    for (int b = 0; b < batches; ++b) work.push_back(batch(batch_messages));
    owner_.run("CHECKPOINT");
    const auto wal = [&] {
      return owner_.run("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")[0][0].as<double>();
    };
    const double wal_before = wal();
    std::size_t rows = 0;
    const auto began = std::chrono::steady_clock::now();
    for (const auto& received : work) {
      bus::Outbox out;
      pg::Transaction tx(connection_);
      ingest.handle(received, tx, out);
      tx.commit();
      ingest.committed();
      rows += received.size();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "{\"bench\":\"health\",\"ingest\":\"%s\",\"indexes\":%zu,\"rows_per_s\":%.0f,\"wal_bytes_per_row\":%.0f}\n",
        which.c_str(), indexes, static_cast<double>(rows) / took.count(),
        (wal() - wal_before) / static_cast<double>(rows));
    std::fflush(stdout);
  }

  std::vector<bus::Received> batch(int count) {
    std::vector<bus::Received> received;
    const auto add = [&](events::MessageEvent event, events::Status status, int attempt) {
      event.status = status;
      event.attempt = attempt;
      event.provider = attempt > 0 ? "postmark" : "";
      if (attempt > 0) event.recipient.clear();
      received.push_back({0, seq_++, clock_.now(), {event.message_id, {}, events::to_json(event)}});
    };
    for (int i = 0; i < count; ++i) {
      events::MessageEvent event;
      event.message_id = new_uuid(clock_.now());
      event.occurred_at = event.accepted_at = clock_.now();
      event.template_key = "TEMPLATE_" + std::to_string(random_() % 30);
      event.channel = events::Channel::EMAIL;
      event.priority = events::Priority::NORMAL;
      event.client_id = "client" + std::to_string(random_() % 1000);
      event.recipient = recipient(random_() % recipients);
      event.recipient_masked = "p***@example.com";
      event.recipient_hash = sealer_.reference(event.recipient);
      event.source = "api:shop";
      add(event, events::Status::QUEUED, 0);
      add(event, events::Status::SENT, 1);
      if (i % 2 == 0) add(event, events::Status::DELIVERED, 1);
    }
    return received;
  }

  void print(const std::string& what, Measured found, double target_ms) const {
    std::printf("{\"bench\":\"health\",\"query\":\"%s\",\"p50_ms\":%.2f,\"p99_ms\":%.2f", what.c_str(), found.p50_ms,
                found.p99_ms);
    if (target_ms > 0)
      std::printf(",\"target_ms\":%.0f,\"met\":%s", target_ms, found.p99_ms <= target_ms ? "true" : "false");
    std::printf("}\n");
    std::fflush(stdout);
  }

  carillon::testing::TestDatabase database_;
  SystemClock clock_;
  security::Sealer sealer_ = *security::Sealer::from_text(std::string(64, 'a'));
  pg::Connection connection_;
  pg::Connection owner_;
  const std::int64_t rows_;
  std::vector<std::pair<std::string, std::string>> indexes_;  // name, definition
  std::mt19937 random_{1};
  std::int64_t seq_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Bench bench(argc > 1 ? std::stoll(argv[1]) : 10'000'000);
  bench.fill();
  bench.limits();
  bench.figures();
  bench.searches();
  bench.ingest();
}
