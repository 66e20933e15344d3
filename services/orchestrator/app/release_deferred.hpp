// Lets deferred messages go as the throttle's window frees up, and ends those whose time is over or whose recipient was
// suppressed or has unsubscribed while they waited. Any instance may do
// it at any time; the channel's lock makes it one.
#pragma once
#include "bus/bus.hpp"
#include "orchestrator/app/facts.hpp"
#include "postgres/connection.hpp"

namespace carillon::orchestrator {

// Returns whether messages still wait. Templates are loaded.
bool release_deferred(pg::Connection& connection, bus::Bus& bus, const Facts& facts, UtcTime now);

}  // namespace carillon::orchestrator
