// Decides the requests that waited for their client's state: when it has come, or when 30 s are over.
#pragma once
#include "bus/bus.hpp"
#include "orchestrator/app/decide_requests.hpp"

namespace carillon::orchestrator {

// Returns whether requests still wait.
bool release_parked(pg::Connection& connection, bus::Bus& bus, const Facts& facts, const DecideRequests& decide,
                    UtcTime now);

}  // namespace carillon::orchestrator
