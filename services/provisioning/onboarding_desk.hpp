// The number pool and the onboarding conversation, put together: use cases, routes, upkeep.
#pragma once
#include "bus/bus.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "provisioning/adapters/inbound_refusals.hpp"
#include "provisioning/app/converse.hpp"
#include "provisioning/app/manage_pool.hpp"
#include "provisioning/app/number_upkeep.hpp"
#include "provisioning/app/pool_metrics.hpp"
#include "provisioning/client_desk.hpp"
#include "provisioning/onboarding_settings.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

class OnboardingDesk {
 public:
  // All of it outlives the desk.
  OnboardingDesk(const OnboardingSettings& settings, pg::Pool& pool, bus::Bus& bus, service::Platform& platform,
                 ClientDesk& clients);
  void routes(http::Router& router);
  void start() { upkeep_.start(); }
  void stop() { upkeep_.stop(); }

 private:
  const OnboardingSettings& settings_;
  service::Platform& platform_;
  ClientDesk& clients_;
  PoolMetrics metrics_;
  Converse converse_;
  ManagePool manage_;
  InboundRefusals refusals_;
  NumberUpkeep upkeep_;
};

}  // namespace carillon::provisioning
