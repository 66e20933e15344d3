// What the orchestrator does when recipients are to be forgotten: their messages that wait for the
// throttle or for their time are CANCELLED, their rate windows go. Entries of the suppression list stay, for an erased
// recipient must not be written to again because of the erasure; they hold a reference, no address.
#pragma once
#include <span>

#include "bus/outbox.hpp"
#include "events/events.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

// `orders`: feedback of the kind ERASE, each with a recipient_hash. Audits each as RECIPIENT_ERASED.
void forget_recipients(std::span<const events::Feedback> orders, pg::Transaction& tx, bus::Outbox& out, UtcTime now);

}  // namespace carillon::orchestrator
