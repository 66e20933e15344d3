#include "health-aggregator/service.hpp"

#include <algorithm>
#include <array>

#include "bus/make_bus.hpp"
#include "health-aggregator/adapters/dashboard.hpp"
#include "health-aggregator/adapters/http_erasures.hpp"
#include "health-aggregator/adapters/http_health.hpp"
#include "health-aggregator/adapters/http_messages.hpp"
#include "health-aggregator/app/apply_retention.hpp"
#include "health-aggregator/app/erase_recipients.hpp"
#include "health-aggregator/app/ingest_audit.hpp"
#include "health-aggregator/app/ingest_message_log.hpp"
#include "health-aggregator/app/spike_monitor.hpp"
#include "health-aggregator/settings.hpp"
#include "health_sql.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::health {

namespace {

constexpr std::chrono::hours housekeeping_interval{1};
constexpr const char* dashboard_path = "/admin/notification-health";
// Nobody waits for the log within milliseconds, and ten small batches cost ten times one large one.
constexpr std::chrono::milliseconds log_linger{50};
// An admin sends dead letters of these back from the page; those of others take the command line.
constexpr std::array sent_back{bus::topics::send_requests, bus::topics::message_log};
constexpr std::array written{bus::topics::audit,         bus::topics::message_log_dlq, bus::topics::audit_dlq,
                             bus::topics::send_requests, bus::topics::feedback,        bus::topics::message_log};
constexpr std::array consumed{bus::topics::message_log, bus::topics::audit, bus::topics::provider_state};

// Dead letters of all topics are looked at, for people.
constexpr auto with_dead_letters() {
  constexpr auto letters = std::count_if(bus::topics::all.begin(), bus::topics::all.end(),
                                         [](const bus::Topic& topic) { return topic.name.ends_with(".dlq"); });
  std::array<bus::Topic, consumed.size() + static_cast<std::size_t>(letters)> topics;
  auto end = std::copy(consumed.begin(), consumed.end(), topics.begin());
  std::copy_if(bus::topics::all.begin(), bus::topics::all.end(), end,
               [](const bus::Topic& topic) { return topic.name.ends_with(".dlq"); });
  return topics;
}
constexpr auto read = with_dead_letters();

// Retention, on a thread and a connection of its own so that a long delete never holds up the consumers.
class Housekeeping {
 public:
  Housekeeping(pg::ConnectionSettings connection, const HealthSettings& settings, std::chrono::hours bus_retention,
               const Clock& clock)
      : connection_(std::move(connection)), settings_(settings), bus_retention_(bus_retention), clock_(clock) {}
  ~Housekeeping() { stop(); }

  void start() {
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    woken_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    name_this_thread("health-tidy");
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      tidy();
      lock.lock();
      woken_.wait_for(lock, housekeeping_interval, [this] { return stopping_; });
    }
  }

  void tidy() {
    try {
      bus::maintain_bus(connection_, bus_retention_);
      const Removed removed = apply_retention(connection_, settings_, clock_.now());
      log::info("HEALTH_RETENTION_APPLIED", {{"message_log_rows", removed.message_log_rows},
                                             {"redacted_rows", removed.redacted_rows},
                                             {"rollup_rows", removed.rollup_rows},
                                             {"audit_rows", removed.audit_rows}});
    } catch (const std::exception& error) {
      log::warn("HEALTH_RETENTION_FAILED", {{"error", error.what()}});
    }
  }

  pg::Connection connection_;
  const HealthSettings& settings_;
  const std::chrono::hours bus_retention_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable woken_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

class HealthService final : public service::Service {
 public:
  HealthService(service::Settings& settings, service::Platform& platform)
      : settings_(HealthSettings::read(settings)),
        bus_(bus::make_bus(platform.kafka,
                           {.connection = platform.connection(role, "health bus"),
                            .partitions = platform.bus_partitions,
                            .retention = platform.bus_retention,
                            .metrics = &platform.metrics},
                           platform.bell, platform.clock, {.writes = written, .reads = consumed, .writes_most = {}})),
        pool_(platform.connection(role, "health http"), static_cast<std::size_t>(settings_.query_connections)),
        ingest_message_log_(platform.metrics, platform.clock, settings_.recipient_retention),
        ingest_audit_(platform.connection(role, "health audit heads"), settings_.audit_key, platform.clock),
        http_messages_(platform, pool_, *bus_),
        http_health_(platform, pool_, provider_board_),
        dashboard_(platform, pool_, *bus_, provider_board_, platform.connection(role, "health live"), settings_.spike,
                   sent_back),
        housekeeping_(platform.connection(role, "health retention"), settings_, platform.bus_retention, platform.clock),
        spike_monitor_(platform.connection(role, "health spike"), *bus_, platform.clock, platform.metrics,
                       settings_.spike, settings_.spike_interval,
                       platform.public_url.empty() ? "" : platform.public_url + dashboard_path),
        erase_recipients_({platform.connection(role, "health erasure"), pool_, *bus_, platform.sealer, platform.clock,
                           platform.bus_retention}),
        admin_(service::require_scope(platform, "admin")) {
    message_log_ =
        bus_->consume(consumer(bus::topics::message_log, message_log_batch_records_max), ingest_message_log_);
    audit_ = bus_->consume(consumer(bus::topics::audit, audit_batch_records_max), ingest_audit_);
    providers_ = bus_->broadcast(bus::topics::provider_state,
                                 [this](const bus::Received& received) { provider_board_.apply(received); });
  }

  std::string name() const override { return "health-aggregator"; }

  void routes(http::Router& router) override {
    http_messages_.add_to(router);
    http_health_.add_to(router);
    add_erasure_routes(router, erase_recipients_, admin_);
    dashboard_.routes(router);
  }

  std::vector<service::ReadyCheck> ready_checks() override {
    const auto consuming = [](const bus::Consumer& consumer, const char* topic) {
      return [&consumer, topic]() -> std::optional<std::string> {
        if (consumer.healthy()) return std::nullopt;
        return std::string("the consumer of ") + topic + " makes no progress: see the log for BUS and database errors";
      };
    };
    return {{"health.message_log", consuming(*message_log_, "notification.message-log.v1")},
            {"health.audit", consuming(*audit_, "audit.v1")},
            {"health.provider_state", [this]() -> std::optional<std::string> {
               if (providers_->caught_up()) return std::nullopt;
               return "provider states have not been read to the end yet";
             }}};
  }

  void start() override {
    providers_->start();
    audit_->start();
    message_log_->start();
    housekeeping_.start();
    spike_monitor_.start();
    erase_recipients_.start();
    dashboard_.start();
  }

  void stop() override {
    dashboard_.stop();
    erase_recipients_.stop();
    spike_monitor_.stop();
    housekeeping_.stop();
    message_log_->stop();
    audit_->stop();
    ingest_audit_.sign_heads();
    providers_->stop();
  }

 private:
  static bus::ConsumerSettings consumer(const bus::Topic& topic, std::size_t batch_records_max) {
    bus::ConsumerSettings settings;
    settings.group = "health";
    settings.topic = topic;
    settings.offsets_schema = schema_name;
    settings.batch_records_max = batch_records_max;
    settings.linger = log_linger;
    settings.wait_for_disk = false;
    return settings;
  }

  HealthSettings settings_;
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;
  ProviderBoard provider_board_;
  IngestMessageLog ingest_message_log_;
  IngestAudit ingest_audit_;
  HttpMessages http_messages_;
  HttpHealth http_health_;
  Dashboard dashboard_;
  Housekeeping housekeeping_;
  SpikeMonitor spike_monitor_;
  EraseRecipients erase_recipients_;
  const http::Guard admin_;
  std::unique_ptr<bus::Consumer> message_log_;
  std::unique_ptr<bus::Consumer> audit_;
  std::unique_ptr<bus::Broadcast> providers_;
};

}  // namespace

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform) {
  return std::make_unique<HealthService>(settings, platform);
}

void declare_settings(service::Settings& settings) {
  HealthSettings::read(settings);
}

pg::Schema schema() {
  return {schema_name, role, health_sql::migrations};
}

std::span<const bus::Topic> topics_written() {
  return written;
}
std::span<const bus::Topic> topics_read() {
  return read;
}

}  // namespace carillon::health
