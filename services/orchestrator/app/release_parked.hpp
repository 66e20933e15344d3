// Decides the requests that waited for their client's state: when it has come, or when 30 s are over.
#pragma once
#include "bus/bus.hpp"
#include "orchestrator/app/decide_requests.hpp"

namespace carillon::orchestrator {

// Of a row of parked_requests; `unreadable` where its seal can't be opened. Throws std::logic_error for one that is no
// request.
Incoming parked_from(const pqxx::row& row, const security::Sealer& sealer);

// Returns whether requests still wait.
bool release_parked(pg::Connection& connection, bus::Bus& bus, const Facts& facts, const DecideRequests& decide,
                    UtcTime now);

}  // namespace carillon::orchestrator
