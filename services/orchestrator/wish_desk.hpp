// What people may still say about messages, in one piece: cancel one, switch kinds of them off, keep quiet at night.
#pragma once
#include "bus/bus.hpp"
#include "http/router.hpp"
#include "orchestrator/app/cancel_message.hpp"
#include "orchestrator/app/client_preferences.hpp"
#include "orchestrator/app/facts.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::orchestrator {

class WishDesk {
 public:
  // All arguments outlive it.
  WishDesk(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const Facts& facts)
      : platform_(platform),
        facts_(facts),
        cancel_(pool, bus, facts, platform.clock),
        preferences_(pool, bus, platform.clock) {}
  void routes(http::Router& router);

 private:
  service::Platform& platform_;
  const Facts& facts_;
  CancelMessage cancel_;
  ClientPreferences preferences_;
};

}  // namespace carillon::orchestrator
