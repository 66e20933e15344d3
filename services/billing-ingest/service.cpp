#include "billing-ingest/service.hpp"

#include "billing-ingest/adapters/http_billing.hpp"
#include "billing-ingest/adapters/http_events.hpp"
#include "billing-ingest/adapters/http_webhook.hpp"
#include "billing-ingest/app/process_events.hpp"
#include "billing_sql.hpp"
#include "bus/make_bus.hpp"
#include "postgres/pool.hpp"

namespace carillon::billing {
namespace {

constexpr std::size_t store_batch_max = 500;
constexpr std::size_t pool_connections_max = 4;
constexpr std::array written{bus::topics::billing_events, bus::topics::send_requests, bus::topics::audit};
constexpr std::array written_most{bus::topics::billing_events};
constexpr std::array read{bus::topics::client_state};

BillingSettings at_site(BillingSettings settings, const std::string& public_url) {
  if (settings.public_url.empty()) settings.public_url = public_url;
  return settings;
}

class Billing final : public service::Service {
 public:
  Billing(BillingSettings settings, service::Platform& platform)
      : platform_(platform),
        settings_(at_site(std::move(settings), platform.public_url)),
        bus_(bus::make_bus(platform.kafka,
                           {.connection = platform.connection(role, "billing bus"),
                            .partitions = platform.bus_partitions,
                            .retention = platform.bus_retention,
                            .metrics = &platform.metrics},
                           platform.bell, platform.clock,
                           {.writes = written, .reads = read, .writes_most = written_most})),
        pool_(platform.connection(role, "billing http"), pool_connections_max),
        client_states_(
            bus_->broadcast(bus::topics::client_state, [this](const bus::Received& r) { clients_.learn(r); })),
        refusals_(platform.metrics, platform.clock, [this] { process_.wake(); }),
        process_(platform.connection(role, "billing events"), *bus_, platform.clock, settings_, clients_, refusals_,
                 platform.metrics, [this] { return client_states_->caught_up(); }),
        store_(pg::for_repeated_statements(platform.connection(role, "billing webhook")), platform.clock,
               {settings_.queue_max, store_batch_max}, platform.metrics, [this] { process_.wake(); }),
        webhook_(settings_, store_, refusals_, platform.clock),
        events_(pool_, *bus_, platform.clock, [this] { process_.wake(); }),
        stripe_(platform.http, settings_),
        open_(pool_, *bus_, stripe_, clients_, platform.clock, settings_),
        pages_(open_, settings_, platform) {}

  ~Billing() override { stop(); }

  std::string name() const override { return "billing-ingest"; }

  void routes(http::Router& router) override {
    webhook_.routes(router);
    events_.routes(router, service::require_scope(platform_, "admin"));
    pages_.routes(router);
  }

  std::vector<service::ReadyCheck> ready_checks() override {
    return {{"billing.clients", [this]() -> std::optional<std::string> {
               if (client_states_->caught_up()) return std::nullopt;
               return "the clients' states are still being read";
             }}};
  }

  void start() override {
    client_states_->start();
    process_.start();
    store_.start();
  }

  void stop() override {
    store_.stop();
    process_.stop();
    client_states_->stop();
  }

 private:
  service::Platform& platform_;
  const BillingSettings settings_;
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;
  ClientDirectory clients_{platform_.metrics};
  std::unique_ptr<bus::Broadcast> client_states_;
  WebhookRefusals refusals_;
  ProcessEvents process_;
  StoreEvents store_;
  HttpWebhook webhook_;
  HttpEvents events_;
  StripeApi stripe_;
  OpenBilling open_;
  HttpBilling pages_;
};

}  // namespace

std::unique_ptr<service::Service> make_billing(BillingSettings settings, service::Platform& platform) {
  return std::make_unique<Billing>(std::move(settings), platform);
}

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform) {
  return make_billing(BillingSettings::read(settings), platform);
}

void declare_settings(service::Settings& settings) {
  BillingSettings::read(settings);
}

pg::Schema schema() {
  return {"billing", role, billing_sql::migrations};
}

std::span<const bus::Topic> topics_written() {
  return written;
}

std::span<const bus::Topic> topics_read() {
  return read;
}

}  // namespace carillon::billing
