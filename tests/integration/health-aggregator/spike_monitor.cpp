#include "health-aggregator/app/spike_monitor.hpp"

#include "world.hpp"

using namespace carillon;
using namespace carillon::health;
using namespace carillon::health::testing;

namespace {

struct Monitored : World {
  Monitored()
      : bell({url()}),
        bus(bus::make_postgres_bus({.connection = as_health(), .partitions = partitions}, bell, clock)),
        ingest(metrics, clock),
        feed(*this, ingest),
        first(as_health()),
        second(as_health()) {}

  // A minute's messages, then the next minute begins.
  void minute(int sent, int failed) {
    std::vector<MessageEvent> batch;
    for (int i = 0; i < sent + failed; ++i) {
      batch.push_back(message_event(new_uuid(clock.now()), i < sent ? Status::SENT : Status::FAILED, clock.now(), 1));
      if (i >= sent) batch.back().reason = "PROVIDER_UNAVAILABLE";
    }
    feed(batch);
    clock.advance(std::chrono::minutes{1});
  }
  void minutes(int count, int sent, int failed) {
    for (int i = 0; i < count; ++i) minute(sent, failed);
  }
  // Whoever leads; the other instance finds it told.
  SpikeStep look(const std::string& dashboard_url = "") {
    const SpikeStep step = look_for_spike(first, *bus, {}, dashboard_url, clock.now()).step;
    CHECK(look_for_spike(second, *bus, {}, dashboard_url, clock.now()).step == SpikeStep::NOTHING);
    return step;
  }
  template <class Event>
  std::vector<Event> published(const bus::Topic& topic) {
    std::vector<Event> events;
    for (int partition = 0; partition < partitions; ++partition)
      for (const bus::Received& received : bus->peek(topic, partition, -1, 1'000))
        events.push_back(*events::from_json<Event>(received.record.value));
    return events;
  }
  // "OPS_ALERT_NOTIFICATION_SPIKE WARN" and the like, sorted.
  std::vector<std::string> alerts() {
    std::vector<std::string> told;
    for (const auto& request : published<events::SendRequest>(bus::topics::send_requests)) {
      const std::string& text = request.variables.text;
      told.push_back(request.template_key + (text.find("\"CRIT\"") == std::string::npos ? " WARN" : " CRIT"));
    }
    std::sort(told.begin(), told.end());
    return told;
  }

  static constexpr int partitions = 4;
  bus::Bell bell;
  std::unique_ptr<bus::Bus> bus;
  IngestMessageLog ingest;
  Feed feed;
  pg::Connection first, second;
};

const std::vector<std::string> warned{"NOTIFICATION_SPIKE_ALERT_ADMIN WARN", "OPS_ALERT_NOTIFICATION_SPIKE WARN"};

}  // namespace

TEST_CASE_METHOD(Monitored,
                 "spike alerts: 40 percent failures tell WARN once, CRIT once, nothing until it clears, then again") {
  CHECK(look() == SpikeStep::NOTHING);
  minutes(5, 6, 4);
  CHECK(look() == SpikeStep::TELL);
  CHECK(alerts() == warned);
  minutes(5, 6, 4);
  CHECK(look() == SpikeStep::NOTHING);
  minutes(5, 6, 4);
  CHECK(look() == SpikeStep::TELL);
  const std::vector<std::string> both{"NOTIFICATION_SPIKE_ALERT_ADMIN CRIT", "NOTIFICATION_SPIKE_ALERT_ADMIN WARN",
                                      "OPS_ALERT_NOTIFICATION_SPIKE CRIT", "OPS_ALERT_NOTIFICATION_SPIKE WARN"};
  CHECK(alerts() == both);
  for (int more = 0; more < 3; ++more) {
    minutes(5, 6, 4);
    CHECK(look() == SpikeStep::NOTHING);
  }
  minutes(5, 10, 0);
  CHECK(look() == SpikeStep::NOTHING);  // WARN again, which is nothing new
  minutes(10, 10, 0);
  CHECK(look() == SpikeStep::CLEAR);
  CHECK(alerts() == both);
  minutes(5, 6, 4);
  CHECK(look() == SpikeStep::TELL);
  CHECK(alerts().size() == 6);
}

TEST_CASE_METHOD(Monitored, "spike alerts: a restart and another leader repeat nothing") {
  minutes(5, 0, 20);
  CHECK(look() == SpikeStep::TELL);
  pg::Connection restarted(as_health());
  const SpikeLook later = look_for_spike(restarted, *bus, {}, "", clock.now());
  CHECK(later.step == SpikeStep::NOTHING);
  CHECK(later.told == SpikeLevel::CRIT);
  CHECK(alerts().size() == 2);
}

TEST_CASE_METHOD(Monitored, "spike alerts: while one instance looks another one only reads") {
  minutes(5, 0, 20);
  pg::Connection leader(as_health());
  pg::Transaction looking(leader);
  looking.run("SELECT pg_advisory_xact_lock(hashtextextended('carillon health spike', 0))");
  CHECK(look() == SpikeStep::NOTHING);
  CHECK(alerts().empty());
  looking.commit();
  CHECK(look() == SpikeStep::TELL);
}

TEST_CASE_METHOD(Monitored, "spike alerts: the mail says how many of how many, of what and why, and where to look") {
  minutes(5, 6, 4);
  look("https://mail.example.com/admin/notification-health");
  for (const auto& request : published<events::SendRequest>(bus::topics::send_requests)) {
    CHECK(request.variables.text ==
          R"({"level":"WARN","failed":20,"total":50,"failure_percent":"40.0","window_minutes":15,)"
          R"("top_template":"PAYMENT_FAILED","top_reason":"PROVIDER_UNAVAILABLE",)"
          R"("dashboard_url":"https://mail.example.com/admin/notification-health"})");
    CHECK(request.recipient.empty());
  }
}

TEST_CASE_METHOD(Monitored, "spike alerts: beginning and end are audited") {
  minutes(5, 6, 4);
  look();
  minutes(15, 0, 0);
  look();
  auto audits = published<events::AuditEvent>(bus::topics::audit);
  std::sort(audits.begin(), audits.end(), [](const auto& a, const auto& b) { return a.occurred_at < b.occurred_at; });
  REQUIRE(audits.size() == 2);
  CHECK(audits[0].action == "NOTIFICATION_SPIKE_RAISED");
  CHECK(audits[0].outcome == "WARN");
  CHECK(audits[0].details.at("failed") == "20");
  CHECK(audits[1].action == "NOTIFICATION_SPIKE_CLEARED");
}
