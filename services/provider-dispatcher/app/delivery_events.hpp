// What the rest of the platform is told about a message's delivery: message log, audit, feedback. Appends to an outbox.
#pragma once
#include "bus/outbox.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/core/next_step.hpp"

namespace carillon::dispatcher {

inline constexpr std::string_view event_source = "carillon/provider-dispatcher";

// The outcome of one call and what follows from it: one message-log record (two when the last round failed: the attempt
// and the end), an audit of a final outcome, feedback where the orchestrator must know.
void report_step(bus::Outbox& out, const Finished& finished, const NextStep& next, UtcTime now);
void report_expired(bus::Outbox& out, const Finished& finished, UtcTime now);
// An answer of a call whose claim another instance had taken over. `upgraded`: the message was HELD and is now SENT.
void report_late_answer(bus::Outbox& out, const Finished& finished, bool upgraded, UtcTime now);

void audit(bus::Outbox& out, std::string_view action, std::string_view subject_kind, std::string_view subject_id,
           std::string_view client_id, std::string_view outcome, std::string_view reason,
           std::map<std::string, std::string> details, UtcTime now);

void report_provider_state(bus::Outbox& out, const RosterEntry& entry, const Breaker& breaker, UtcTime now);
// The state of the breaker's provider and, when it opened or closed, an audit; nothing when its state is the same.
void report_breaker_change(bus::Outbox& out, const RosterEntry& entry, const Breaker& before, const Breaker& after,
                           UtcTime now);

}  // namespace carillon::dispatcher
