// What the health-aggregator publishes itself: audit entries, and send requests for people who have to know.
#pragma once
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::health {

inline constexpr std::string_view event_source = "carillon/health-aggregator";

// Gives the entry its id and time.
void publish_audit(bus::Outbox& out, events::AuditEvent audit, UtcTime now, std::string_view traceparent = {});

// `idempotency_key` makes it once; `variables` is the JSON object that the template's placeholders stand for.
void publish_alert(bus::Outbox& out, std::string_view template_key, std::string idempotency_key, std::string variables,
                   std::string_view reason, UtcTime now);

}  // namespace carillon::health
