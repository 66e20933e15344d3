#include "orchestrator/service.hpp"

#include "bus/make_bus.hpp"
#include "orchestrator/adapters/http_attachments.hpp"
#include "orchestrator/adapters/http_notifications.hpp"
#include "orchestrator/adapters/http_suppressions.hpp"
#include "orchestrator/adapters/http_unsubscribe.hpp"
#include "orchestrator/adapters/suppression_pages.hpp"
#include "orchestrator/alert_desk.hpp"
#include "orchestrator/app/accept_requests.hpp"
#include "orchestrator/app/apply_feedback.hpp"
#include "orchestrator/app/consume_requests.hpp"
#include "orchestrator/app/housekeeping.hpp"
#include "orchestrator/template_desk.hpp"
#include "orchestrator/wish_desk.hpp"
#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::array written{bus::topics::send_requests, bus::topics::dispatch,          bus::topics::message_log,
                             bus::topics::audit,         bus::topics::send_requests_dlq, bus::topics::feedback_dlq,
                             bus::topics::tenant_alerts, bus::topics::tenant_alerts_dlq};
constexpr std::array written_most{bus::topics::send_requests, bus::topics::dispatch, bus::topics::message_log,
                                  bus::topics::audit, bus::topics::tenant_alerts};
constexpr std::array read{bus::topics::send_requests, bus::topics::feedback, bus::topics::client_state,
                          bus::topics::provider_state, bus::topics::tenant_alerts};

constexpr std::size_t pool_connections_max = 4;
constexpr std::size_t decide_batch_max = 500;
// A commit costs as much for one request as for thirty: under load they gather this long, alone a request never waits.
constexpr std::chrono::milliseconds decide_linger{3};

bus::ConsumerSettings consumer(bus::Topic topic, std::size_t batch_max) {
  bus::ConsumerSettings settings;
  settings.group = "orchestrator";
  settings.topic = topic;
  settings.offsets_schema = "orchestrator";
  settings.batch_records_max = batch_max;
  settings.linger = decide_linger;
  settings.wait_for_disk = false;  // the dispatcher's claim waits for both
  return settings;
}

class Orchestrator final : public service::Service {
 public:
  Orchestrator(OrchestratorSettings settings, service::Platform& platform)
      : platform_(platform),
        settings_(std::move(settings)),
        limits_(settings_),
        bus_(bus::make_bus(platform.kafka,
                           {.connection = platform.connection(role, "orchestrator-bus"),
                            .partitions = platform.bus_partitions,
                            .retention = platform.bus_retention,
                            .metrics = &platform.metrics},
                           platform.bell, platform.clock,
                           {.writes = written, .reads = read, .writes_most = written_most})),
        pool_(platform.connection(role, "orchestrator-http"), pool_connections_max),
        suppressions_(pool_, *bus_, platform.sealer, platform.clock),
        template_desk_(platform, pool_, *bus_, facts_),
        wishes_(platform, pool_, *bus_, facts_),
        decide_(facts_, platform.metrics),
        accept_(pg::for_repeated_statements(platform.connection(role, "orchestrator-accept")), *bus_, platform.clock,
                {settings_.ingress_queue_max, settings_.ingress_batch_max}, platform.metrics),
        notifications_(facts_, accept_, platform.api_keys, platform.clock),
        housekeeping_(pg::for_repeated_statements(platform.connection(role, "orchestrator-housekeeping")), *bus_,
                      platform.clock, facts_, templates_, limits_, decide_, platform.metrics),
        consume_(
            facts_, decide_, platform.clock, platform.metrics, [this] { return knows_enough(); },
            [this] { housekeeping_.look_now(); }),
        feedback_(platform.clock),
        alerts_(facts_, platform, pool_, *bus_, role, [this] { return knows_enough(); }),
        client_states_(
            bus_->broadcast(bus::topics::client_state, [this](const bus::Received& r) { clients_.learn(r); })),
        provider_states_(
            bus_->broadcast(bus::topics::provider_state, [this](const bus::Received& r) { providers_.learn(r); })),
        requests_consumer_(bus_->consume(consumer(bus::topics::send_requests, decide_batch_max), consume_)),
        feedback_consumer_(bus_->consume(consumer(bus::topics::feedback, decide_batch_max), feedback_)) {}

  ~Orchestrator() override { stop(); }

  std::string name() const override { return "orchestrator"; }

  void routes(http::Router& router) override {
    notifications_.routes(router);
    template_desk_.routes(router);
    wishes_.routes(router);
    add_suppression_routes(router, suppressions_, platform_.sealer, service::require_scope(platform_, "admin"));
    add_suppression_pages(router, platform_, suppressions_);
    add_unsubscribe_routes(router, suppressions_, platform_.sealer);
    add_attachment_routes(router, pool_, platform_.clock,
                          {settings_.attachment_retention, settings_.attachment_bytes_per_owner}, platform_.metrics,
                          service::require_scope(platform_, "notifications:send"));
    alerts_.routes(router);
  }

  std::vector<service::ReadyCheck> ready_checks() override {
    using Missing = std::optional<std::string>;
    return {
        {"templates",
         [this]() -> Missing { return templates_.catalog() ? Missing{} : "templates are not loaded yet"; }},
        {"clients",
         [this]() -> Missing { return clients_caught_up() ? Missing{} : "the clients' states are still being read"; }},
        {"providers", [this]() -> Missing {
           return providers_.knows_any() ? Missing{} : "no provider state yet: is the provider-dispatcher running?";
         }}};
  }

  void start() override {
    template_seeds();  // throws when the build is broken
    client_states_->start();
    provider_states_->start();
    housekeeping_.start();
    accept_.start();
    notifications_.start();
    requests_consumer_->start();
    feedback_consumer_->start();
    alerts_.start();
  }

  void stop() override {
    alerts_.stop();
    notifications_.stop();
    accept_.stop();
    requests_consumer_->stop();
    feedback_consumer_->stop();
    housekeeping_.stop();
    client_states_->stop();
    provider_states_->stop();
  }

 private:
  bool clients_caught_up() const { return client_states_->caught_up(); }
  bool knows_enough() const { return templates_.catalog() && clients_caught_up() && providers_.knows_any(); }

  service::Platform& platform_;
  const OrchestratorSettings settings_;
  TemplateStore templates_;
  ClientDirectory clients_;
  ProviderDirectory providers_;
  OutboundLimits limits_;
  const Facts facts_{settings_, templates_, clients_, providers_, limits_, platform_.sealer};
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;
  Suppressions suppressions_;
  TemplateDesk template_desk_;
  WishDesk wishes_;
  DecideRequests decide_;
  AcceptRequests accept_;
  HttpNotifications notifications_;
  Housekeeping housekeeping_;
  ConsumeRequests consume_;
  ApplyFeedback feedback_;
  AlertDesk alerts_;
  std::unique_ptr<bus::Broadcast> client_states_, provider_states_;
  std::unique_ptr<bus::Consumer> requests_consumer_, feedback_consumer_;
};

}  // namespace

std::unique_ptr<service::Service> make_orchestrator(OrchestratorSettings settings, service::Platform& platform) {
  return std::make_unique<Orchestrator>(std::move(settings), platform);
}

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform) {
  return make_orchestrator(OrchestratorSettings::read(settings), platform);
}

void declare_settings(service::Settings& settings) {
  OrchestratorSettings::read(settings);
}

pg::Schema schema() {
  return {"orchestrator", role, orchestrator_sql::migrations};
}
std::span<const bus::Topic> topics_written() {
  return written;
}
std::span<const bus::Topic> topics_read() {
  return read;
}

}  // namespace carillon::orchestrator
