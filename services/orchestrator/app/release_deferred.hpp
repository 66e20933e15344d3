// Lets deferred messages go as the throttle's window frees up, has those wait on whose client keeps quiet meanwhile,
// and ends those whose time is over, whose recipient was suppressed or has unsubscribed while they waited, or whose
// kind the client has switched off. Any instance may do it at any time; the channel's lock makes it one.
#pragma once
#include "bus/bus.hpp"
#include "orchestrator/app/facts.hpp"
#include "orchestrator/app/throttle_queue.hpp"
#include "postgres/connection.hpp"

namespace carillon::orchestrator {

// A waiting message, read.
struct DeferredMessage {
  WaitingMessage message;
  events::Dispatch dispatch;
  std::string recipient;  // in clear; "" when its seal can't be opened
};
// Throws std::logic_error for one that can't be read.
DeferredMessage deferred_from(WaitingMessage message, const security::Sealer& sealer);
// What the message log is told of it.
events::MessageEvent event_of(const DeferredMessage& message, events::Status status, UtcTime now);

// Returns whether messages still wait, not counting those that keep quiet. Templates are loaded.
bool release_deferred(pg::Connection& connection, bus::Bus& bus, const Facts& facts, UtcTime now);

}  // namespace carillon::orchestrator
