// The consumer of tenant.alerts.v1: what snapshots say is held against what the tenants know, and what is new goes out
// as send requests. Settings, memory, log and requests are one transaction with the offsets, so a snapshot that is
// handled again after a crash, or delivered twice, raises nothing twice.
#pragma once
#include <functional>
#include <map>

#include "bus/bus.hpp"
#include "orchestrator/app/facts.hpp"
#include "orchestrator/core/tenant_alert.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class RaiseAlerts final : public bus::Handler {
 public:
  // `ready`: templates and clients are known.
  RaiseAlerts(const Facts& facts, const Clock& clock, metrics::Registry& metrics, std::function<bool()> ready);
  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;
  bool ready() override { return ready_(); }

 private:
  const Facts& facts_;
  const Clock& clock_;
  const std::function<bool()> ready_;
  std::map<AlertType, metrics::Counter> raised_, held_back_;
};

}  // namespace carillon::orchestrator
