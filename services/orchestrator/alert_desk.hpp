// Everything of tenant alerts in one piece: snapshots in, alerts out, and the settings behind them.
#pragma once
#include <functional>
#include <memory>

#include "bus/bus.hpp"
#include "orchestrator/adapters/alert_pages.hpp"
#include "orchestrator/adapters/http_alerts.hpp"
#include "orchestrator/adapters/http_metrics.hpp"
#include "orchestrator/app/accept_metrics.hpp"
#include "orchestrator/app/edit_alerts.hpp"
#include "orchestrator/app/raise_alerts.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class AlertDesk {
 public:
  // All arguments outlive it. `own_role`: of the connection it opens itself; `ready`: templates, clients and providers
  // are known.
  AlertDesk(const Facts& facts, service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const std::string& own_role,
            std::function<bool()> ready);
  void routes(http::Router& router);
  void start();
  void stop();

 private:
  AcceptMetrics accept_;
  HttpMetrics metrics_;
  EditAlerts edit_;
  HttpAlerts api_;
  AlertPages pages_;
  RaiseAlerts raise_;
  std::unique_ptr<bus::Consumer> consumer_;
};

}  // namespace carillon::orchestrator
