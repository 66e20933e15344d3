// The figures against a plain count over the raw events. Events come twice and out of order; of one message the first
// to come is one that knows the template, as on the bus, where the orchestrator's precede the receipts.
#include <random>

#include "health-aggregator/app/health_figures.hpp"
#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;
using events::Channel;

namespace {

constexpr int messages = 100'000;
constexpr int windows = 50;
constexpr std::size_t batch_events = 4'000;
constexpr std::chrono::minutes history{48 * 60};

struct Raw {
  std::int64_t arrives;  // order of arrival
  std::string json;
};

class History {
 public:
  History(UtcTime begin, unsigned seed) : begin_(begin), random_(seed) {
    for (int i = 0; i < messages; ++i) add_message();
  }
  std::vector<std::string> in_order_of_arrival() {
    std::stable_sort(raw_.begin(), raw_.end(), [](const Raw& a, const Raw& b) { return a.arrives < b.arrives; });
    std::vector<std::string> values;
    for (Raw& raw : raw_) values.push_back(std::move(raw.json));
    return values;
  }
  pg::CopyRows rows{{{"message_id", pg::Type::UUID},
                     {"status", pg::Type::INT2},
                     {"channel", pg::Type::INT2},
                     {"occurred_at", pg::Type::TIMESTAMPTZ},
                     {"template_key", pg::Type::TEXT},
                     {"reason", pg::Type::TEXT}}};

  int number(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
  bool chance(int percent) { return number(100) < percent; }

 private:
  void add_message() {
    const std::int64_t span = std::chrono::duration_cast<std::chrono::seconds>(history).count();
    at_ = begin_ + std::chrono::seconds{number(static_cast<int>(span))};
    id_ = new_uuid(at_);
    channel_ = static_cast<Channel>(1 + number(3));
    template_ = "TEMPLATE_" + std::to_string(number(12));
    first_arrival_ = -1;
    if (chance(8)) return add(Status::BLOCKED_PLAN, 0, "");
    if (chance(15)) add(Status::DEFERRED_THROTTLED, 0, "");
    if (chance(2)) return add(Status::EXPIRED, 0, "");
    add(Status::QUEUED, 0, "");
    int attempt = 1;
    while (chance(15)) add(Status::ATTEMPT_FAILED, attempt++, "TIMEOUT");
    if (chance(10)) return add(Status::FAILED, attempt, "REASON_" + std::to_string(number(5)));
    add(Status::SENT, attempt, "");
    if (chance(70)) return add(Status::DELIVERED, attempt, "");
    if (chance(20)) add(Status::UNDELIVERED, attempt, "SOFT_BOUNCE");
    if (chance(20)) add(Status::BOUNCED, attempt, "HARD_BOUNCE");
  }

  void add(Status status, int attempt, const std::string& reason) {
    MessageEvent event = message_event(id_, status, at_, attempt);
    event.channel = channel_;
    event.template_key = template_;
    event.reason = reason;
    const bool receipt = status == Status::DELIVERED || status == Status::BOUNCED || status == Status::UNDELIVERED;
    if (receipt) event.channel = Channel{}, event.template_key.clear();
    std::int64_t arrives = unix_micros(at_) + number(1'800) * 1'000'000LL;
    if (receipt) arrives = std::max(arrives, first_arrival_ + 1);
    if (first_arrival_ < 0 || arrives < first_arrival_) first_arrival_ = arrives;
    const std::string json = events::to_json(event);
    for (int copies = chance(40) ? 2 : 1; copies > 0; --copies) {
      rows.field(id_).field(static_cast<int>(status)).field(static_cast<int>(channel_)).field(at_).field(template_);
      rows.field(reason).end_row();
      raw_.push_back({arrives, json});
      arrives += number(7'200) * 1'000'000LL;
    }
    at_ += std::chrono::milliseconds{1 + number(600'000)};
  }

  const UtcTime begin_;
  std::mt19937 random_;
  std::vector<Raw> raw_;
  UtcTime at_{};
  std::string id_, template_;
  Channel channel_{};
  std::int64_t first_arrival_ = -1;
};

struct Figured : World {
  Figured() : ingest(metrics, clock), feed(*this, ingest), connection(as_health()) {}
  void load_raw(const pg::CopyRows& rows) {
    owner().run(
        "CREATE TABLE raw (message_id uuid, status smallint, channel smallint, occurred_at timestamptz, template_key "
        "text, reason text)");
    pg::Transaction tx(owner());
    tx.copy("raw", rows);
    tx.commit();
    owner().run(
        "CREATE TABLE entered AS SELECT message_id, status, channel, template_key, min(reason) AS reason, "
        "min(occurred_at) AS at FROM raw GROUP BY 1, 2, 3, 4");
  }
  std::int64_t count(const Window& window, const std::string& condition) {
    return number("SELECT count(*) FROM entered WHERE at >= '" + to_rfc3339(window.from) + "' AND at < '" +
                  to_rfc3339(window.to) + "' AND " + condition);
  }
  void check(const Figures& found, const Window& window, const std::string& of) {
    CHECK(found.sent == count(window, "status = 18 AND " + of));
    CHECK(found.failed == count(window, "status IN (19, 23, 25) AND " + of));
    CHECK(found.throttled == count(window, "status = 15 AND " + of));
  }
  void check_top(const std::vector<TopEntry>& found, const Window& window, const std::string& column) {
    for (const TopEntry& entry : found) {
      CAPTURE(column, entry.key);
      CHECK(entry.count == count(window, "status IN (19, 23, 25) AND " + column + " = '" + entry.key + "'"));
    }
  }

  IngestMessageLog ingest;
  Feed feed;
  pg::Connection connection;
};

}  // namespace

TEST_CASE_METHOD(Figured, "health figures: equal a plain count over 100,000 messages' events, in 50 windows") {
  const unsigned seed = std::random_device{}();
  WARN("seed " << seed);
  History past(clock.now(), seed);
  load_raw(past.rows);
  const std::vector<std::string> values = past.in_order_of_arrival();
  for (std::size_t i = 0; i < values.size(); i += batch_events) {
    feed.texts({values.begin() + static_cast<std::ptrdiff_t>(i),
                values.begin() + static_cast<std::ptrdiff_t>(std::min(i + batch_events, values.size()))});
  }
  CHECK(number("SELECT count(*) FROM health.message_log") ==
        number("SELECT count(*) FROM (SELECT DISTINCT message_id, status, occurred_at FROM raw) AS each"));
  const UtcTime begin = clock.now();
  for (int i = 0; i < windows; ++i) {
    const UtcTime now = begin + std::chrono::seconds{past.number(static_cast<int>(history.count()) * 60)};
    const Window window = minutes_window(now, 1 + past.number(summary_window_minutes_max));
    CAPTURE(to_rfc3339(window.from), to_rfc3339(window.to));
    const Summary found = read_summary(connection, window);
    check(found.total, window, "true");
    for (std::size_t c = 0; c < figure_channels.size(); ++c)
      check(found.channels[c], window, "channel = " + std::to_string(static_cast<int>(figure_channels[c])));
    check_top(found.top_failed_templates, window, "template_key");
    check_top(found.top_failure_reasons, window, "reason");
    if (i % 10 != 0) continue;
    const Buckets series = *buckets(now, 240, 15);
    int bucket = 0;
    for (const SeriesPoint& point : read_timeseries(connection, series)) {
      check(point.total, {series.start_of(bucket), series.start_of(bucket) + std::chrono::minutes{15}}, "true");
      ++bucket;
    }
  }
}
