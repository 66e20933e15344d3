// A database with the schemas of the health-aggregator, and short ways to feed and to ask it.
#pragma once
#include <catch2/catch.hpp>
#include <condition_variable>
#include <string>
#include <vector>

#include "bus/postgres/postgres_bus.hpp"
#include "events/cloud_events.hpp"
#include "health-aggregator/app/ingest_audit.hpp"
#include "health-aggregator/app/ingest_message_log.hpp"
#include "health-aggregator/service.hpp"
#include "http/client.hpp"
#include "postgres/errors.hpp"
#include "postgres/testing/test_database.hpp"
#include "security/api_keys.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"
#include "time/testing/manual_clock.hpp"
#include "values/message_id.hpp"

namespace carillon::health::testing {

using events::MessageEvent;
using events::Status;

inline const std::string audit_key(32, 'k');

inline void prepare(pg::Connection& owner) {
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, schema());
  bus::grant_topics(owner, role, topics_written(), topics_read());
}

class World {
 public:
  pg::ConnectionSettings as_health() const {
    pg::ConnectionSettings settings;
    settings.url = database_.url();
    settings.role = role;
    return settings;
  }
  pg::Connection& owner() { return owner_; }
  std::string url() const { return database_.url(); }
  std::int64_t number(const std::string& sql) { return owner_.run(sql)[0][0].as<std::int64_t>(); }

  carillon::testing::ManualClock clock;
  metrics::Registry metrics;

 private:
  carillon::testing::TestDatabase database_{"health-aggregator", prepare};
  pg::Connection owner_{{database_.url()}};
};

// An event of a message, at the clock's time.
inline MessageEvent message_event(const std::string& id, Status status, UtcTime at, int attempt = 0) {
  MessageEvent event;
  event.message_id = id;
  event.status = status;
  event.occurred_at = at;
  event.attempt = attempt;
  event.template_key = "PAYMENT_FAILED";
  event.channel = events::Channel::EMAIL;
  event.priority = events::Priority::NORMAL;
  event.client_id = "acme";
  event.recipient = "ann@example.com";
  event.recipient_masked = "a***@example.com";
  event.source = "api:shop";
  if (attempt > 0) event.provider = "postmark";
  return event;
}

inline events::AuditEvent audit_event(UtcTime at, const std::string& action, const std::string& subject) {
  events::AuditEvent event;
  event.event_id = new_uuid(at);
  event.occurred_at = at;
  event.action = action;
  event.actor = "orchestrator";
  event.subject_kind = "message";
  event.subject_id = subject;
  event.client_id = "acme";
  event.outcome = "QUEUED";
  event.details = {{"channel", "EMAIL"}, {"text", "tab\tand \"quotes\" and \\ and ü"}};
  return event;
}

// Feeds a handler as a consumer would: one transaction a batch.
class Feed {
 public:
  Feed(World& world, bus::Handler& handler)
      : connection_(world.as_health()), handler_(handler), now_(world.clock.now()) {}

  template <class Event>
  void operator()(const std::vector<Event>& events, int partition = 0) {
    std::vector<std::string> values;
    for (const Event& event : events) values.push_back(events::to_json(event));
    texts(values, partition);
  }

  void texts(const std::vector<std::string>& values, int partition = 0) {
    std::vector<bus::Received> batch;
    for (const std::string& value : values) batch.push_back({partition, seq_[partition]++, now_, {"key", {}, value}});
    received(batch);
  }

  void received(const std::vector<bus::Received>& batch) {
    out.clear();
    pg::Transaction tx(connection_);
    handler_.handle(batch, tx, out);
    tx.commit();
    handler_.committed();
  }

  std::size_t dead_letters(const bus::Topic& topic) const {
    const auto found = out.records().find(topic.name);
    return found == out.records().end() ? 0 : found->second.second.size();
  }

  bus::Outbox out;  // of the last batch

 private:
  pg::Connection connection_;
  bus::Handler& handler_;
  UtcTime now_;
  std::map<int, std::int64_t> seq_;
};

inline const std::string payload_key(64, 'a');

// The whole service on a database, asked through its routes. `payload_keys`: the newest first, joined by commas.
class RunningService {
 public:
  explicit RunningService(World& world, const std::string& payload_keys = payload_key);
  ~RunningService();
  http::Response get(const std::string& path, const std::map<std::string, std::string>& query = {},
                     const std::string& key = "");
  http::Response post(const std::string& path, const std::string& json, const std::string& key = "");
  // As a browser calls: path and query, and what the caller adds.
  http::Response call(http::Method method, const std::string& target, http::Fields headers, std::string body = "");
  void start() {
    service_->start();
    started_ = true;
  }
  // Waits until `done`, 20 s at most; looks again whenever something may have been committed.
  bool until(const std::function<bool()>& done);
  template <class Event>
  std::vector<Event> published(const bus::Topic& topic) {
    std::vector<Event> events;
    for (int partition = 0; partition < producer_->partitions(); ++partition)
      for (const bus::Received& received : producer_->peek(topic, partition, -1, 1'000))
        events.push_back(*events::from_json<Event>(received.record.value));
    return events;
  }

  const std::string admin_key, shop_key, other_key;
  service::Platform& platform() { return *platform_; }
  bus::Bus& producer() { return *producer_; }
  const security::Sealer& sealer() const { return sealer_; }
  service::Service& service() { return *service_; }

 private:
  http::Response answer(http::Request request, const std::string& key);

  World& world_;
  http::Runtime io_;
  http::Client http_;
  bus::Bell bell_;
  pg::Pool pool_;
  security::ApiKeys api_keys_;
  security::Sessions sessions_;
  security::Sealer sealer_;
  std::unique_ptr<service::Platform> platform_;
  std::unique_ptr<bus::Bus> producer_;
  std::unique_ptr<service::Service> service_;
  http::Router router_;
  bool started_ = false;
};

}  // namespace carillon::health::testing
