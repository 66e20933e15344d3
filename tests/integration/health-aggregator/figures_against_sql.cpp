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
constexpr std::size_t batch_events = 8'000;
constexpr std::chrono::minutes history{6 * 60};
constexpr int window_minutes_max = 400;

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
    template_ = "TEMPLATE_" + std::to_string(number(5));
    first_arrival_ = -1;
    if (chance(8)) return add(Status::BLOCKED_PLAN, 0, "");
    if (chance(15)) add(Status::DEFERRED_THROTTLED, 0, "");
    if (chance(2)) return add(Status::EXPIRED, 0, "");
    add(Status::QUEUED, 0, "");
    int attempt = 1;
    while (chance(15)) add(Status::ATTEMPT_FAILED, attempt++, "TIMEOUT");
    if (chance(10)) return add(Status::FAILED, attempt, "REASON_" + std::to_string(number(3)));
    add(Status::SENT, attempt, "");
    if (chance(35)) return add(Status::DELIVERED, attempt, "");
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
    std::int64_t arrives = unix_micros(at_) + number(300) * 1'000'000LL;
    if (receipt) arrives = std::max(arrives, first_arrival_ + 1);
    if (first_arrival_ < 0 || arrives < first_arrival_) first_arrival_ = arrives;
    const std::string json = events::to_json(event);
    for (int copies = chance(25) ? 2 : 1; copies > 0; --copies) {
      rows.field(id_).field(static_cast<int>(status)).field(static_cast<int>(channel_)).field(at_).field(template_);
      rows.field(reason).end_row();
      raw_.push_back({arrives, json});
      arrives += number(1'200) * 1'000'000LL;
    }
    at_ += std::chrono::milliseconds{1 + number(200'000)};
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
        "min(occurred_at) AS at FROM raw GROUP BY 1, 2, 3, 4; CREATE INDEX ON entered (at)");
  }
  // What entered a status in the window, counted plainly.
  struct Count {
    int channel, status;
    std::string template_key, reason;
    std::int64_t messages;
    bool failed() const { return status == 19 || status == 23 || status == 25; }
  };
  std::vector<Count> count(const Window& window) {
    std::vector<Count> counts;
    for (const auto& row :
         owner().run("SELECT channel, status, template_key, reason, count(*) FROM entered WHERE at >= '" +
                     to_rfc3339(window.from) + "' AND at < '" + to_rfc3339(window.to) + "' GROUP BY 1, 2, 3, 4"))
      counts.push_back({row[0].as<int>(), row[1].as<int>(), row[2].c_str(), row[3].c_str(), row[4].as<std::int64_t>()});
    return counts;
  }
  template <class Fits>
  static std::int64_t sum(const std::vector<Count>& counts, Fits fits) {
    std::int64_t all = 0;
    for (const Count& each : counts) all += fits(each) ? each.messages : 0;
    return all;
  }
  static void check(const Figures& found, const std::vector<Count>& counts, std::optional<Channel> channel = {}) {
    const auto of = [&](const Count& c) { return !channel || c.channel == static_cast<int>(*channel); };
    CHECK(found.sent == sum(counts, [&](const Count& c) { return of(c) && c.status == 18; }));
    CHECK(found.failed == sum(counts, [&](const Count& c) { return of(c) && c.failed(); }));
    CHECK(found.throttled == sum(counts, [&](const Count& c) { return of(c) && c.status == 15; }));
  }
  static void check_top(const std::vector<TopEntry>& found, const std::vector<Count>& counts,
                        std::string Count::*column) {
    std::map<std::string, std::int64_t> expected;
    for (const Count& each : counts)
      if (each.failed()) expected[each.*column] += each.messages;
    CHECK(found.size() == std::min<std::size_t>(expected.size(), top_entries_max));
    for (const TopEntry& entry : found) CHECK(entry.count == expected[entry.key]);
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
    const Window window = minutes_window(now, 1 + past.number(window_minutes_max));
    CAPTURE(to_rfc3339(window.from), to_rfc3339(window.to));
    const Summary found = read_summary(connection, window);
    const std::vector<Count> counts = count(window);
    check(found.total, counts);
    for (std::size_t c = 0; c < figure_channels.size(); ++c) check(found.channels[c], counts, figure_channels[c]);
    check_top(found.top_failed_templates, counts, &Count::template_key);
    check_top(found.top_failure_reasons, counts, &Count::reason);
    if (i % 10 != 0) continue;
    const Buckets series = *buckets(now, 240, 15);
    int bucket = 0;
    for (const SeriesPoint& point : read_timeseries(connection, series)) {
      check(point.total, count({series.start_of(bucket), series.start_of(bucket) + std::chrono::minutes{15}}));
      ++bucket;
    }
  }
}
