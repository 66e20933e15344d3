// /admin/notification-health: whether all is well, and what is happening now. For ADMIN. The page blocks on the
// database; the stream does not.
#pragma once
#include "health-aggregator/adapters/provider_board.hpp"
#include "health-aggregator/app/live_messages.hpp"
#include "health-aggregator/core/spike.hpp"
#include "http/router.hpp"
#include "pages/page.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

class HealthPage {
 public:
  HealthPage(service::Platform& platform, pg::Pool& pool, const ProviderBoard& providers, pg::ConnectionSettings live,
             const SpikeRule& spike);
  void routes(http::Router& router);
  void start() { live_.start(); }
  void stop() { live_.stop(); }

 private:
  http::Response show(const http::Request& request);
  http::Response watch(const http::Request& request);

  service::Platform& platform_;
  pg::Pool& pool_;
  const ProviderBoard& providers_;
  const SpikeRule spike_;
  LiveMessages live_;
};

}  // namespace carillon::health
