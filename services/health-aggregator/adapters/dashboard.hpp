// The admins' pages of this service, and what they need that nothing else does: the live stream. Wired here so that
// service.cpp only starts and stops them.
#pragma once
#include "bus/bus.hpp"
#include "health-aggregator/adapters/audit_page.hpp"
#include "health-aggregator/adapters/dead_letter_pages.hpp"
#include "health-aggregator/adapters/health_page.hpp"
#include "health-aggregator/adapters/message_pages.hpp"
#include "health-aggregator/adapters/provider_board.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

class Dashboard {
 public:
  // `live`: a connection of its own for the stream. `sent_back`: topics that dead letters go back to from a page.
  Dashboard(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const ProviderBoard& providers,
            pg::ConnectionSettings live, const SpikeRule& spike, std::span<const bus::Topic> sent_back);
  void routes(http::Router& router);
  void start() { health_.start(); }
  void stop() { health_.stop(); }

 private:
  HealthPage health_;
  MessagePages messages_;
  AuditLogPage audit_;
  DeadLetterPages dead_letters_;
};

}  // namespace carillon::health
