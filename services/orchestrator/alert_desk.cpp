#include "orchestrator/alert_desk.hpp"

namespace carillon::orchestrator {
namespace {

bus::ConsumerSettings snapshots_consumer() {
  bus::ConsumerSettings settings;
  settings.group = "orchestrator";
  settings.topic = bus::topics::tenant_alerts;
  settings.offsets_schema = "orchestrator";
  return settings;
}

}  // namespace

AlertDesk::AlertDesk(const Facts& facts, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
                     const std::string& own_role, std::function<bool()> ready)
    : accept_(pg::for_repeated_statements(platform.connection(own_role, "orchestrator-metrics")), bus,
              {facts.settings.ingress_queue_max, facts.settings.ingress_batch_max}, platform.metrics),
      metrics_(facts.clients, accept_, platform.api_keys, platform.clock, ready),
      edit_(facts, pool, bus, platform.clock),
      api_(platform, edit_, facts.settings.slack_hosts, ready),
      pages_(platform, edit_, facts.settings.slack_hosts),
      raise_(facts, platform.clock, platform.metrics, ready),
      consumer_(bus.consume(snapshots_consumer(), raise_)) {}

void AlertDesk::routes(http::Router& router) {
  metrics_.routes(router);
  api_.routes(router);
  pages_.routes(router);
}

void AlertDesk::start() {
  accept_.start();
  metrics_.start();
  consumer_->start();
}

void AlertDesk::stop() {
  metrics_.stop();
  accept_.stop();
  consumer_->stop();
}

}  // namespace carillon::orchestrator
