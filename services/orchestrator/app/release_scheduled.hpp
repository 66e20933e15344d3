// Decides the messages whose time has come, as things stand now. Any instance may do it at any time; each takes others.
#pragma once
#include "bus/bus.hpp"
#include "orchestrator/app/decide_requests.hpp"

namespace carillon::orchestrator {

// Returns whether any was due.
bool release_scheduled(pg::Connection& connection, bus::Bus& bus, const Facts& facts, const DecideRequests& decide,
                       UtcTime now);

}  // namespace carillon::orchestrator
