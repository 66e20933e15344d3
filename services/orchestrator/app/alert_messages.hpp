// An alert as messages: a send request for each of the tenant's channels, through the one pipe, and a row of
// notification_log for each.
#pragma once
#include <string>
#include <vector>

#include "bus/outbox.hpp"
#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/facts.hpp"
#include "orchestrator/core/alert_settings.hpp"
#include "orchestrator/core/alert_triggers.hpp"

namespace carillon::orchestrator {

inline constexpr std::string_view alert_source = "carillon/orchestrator/tenant-alerts";  // of the send requests

// Publishes the requests and answers their rows, which the caller stores in the same transaction. `reason`: the
// request's context.
std::vector<AlertTry> ask_for_alert(const Alert& alert, const AlertSettings& settings, const std::string& reason,
                                    const Facts& facts, bus::Outbox& out, UtcTime now, std::string_view traceparent);

}  // namespace carillon::orchestrator
