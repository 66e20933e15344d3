// When a message that may be sent is sent: at once, at its send_at, or when its client's quiet hours are over. Pure.
#pragma once
#include <algorithm>
#include <optional>
#include <string_view>

#include "events/events.hpp"
#include "orchestrator/core/quiet_hours.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

struct Wait {
  UtcTime until{};
  std::string_view reason;  // SEND_AT or QUIET_HOURS
};

// Whether a message keeps quiet: to clients, and not CRITICAL. Nor what somebody waits for at this very moment, links
// that let people in (category "security") and answers in a conversation (policy RESEND).
inline bool keeps_quiet(const TemplateMeta& meta, events::Priority priority) {
  return meta.audience == events::Audience::CLIENT && priority != events::Priority::CRITICAL &&
         meta.category != security_category && meta.unconfirmed_policy != events::UnconfirmedPolicy::RESEND;
}

// From when on the message counts as asked for: rate windows begin then.
inline UtcTime wanted_at(const events::SendRequest& request) {
  return std::max(*request.accepted_at, request.send_at.value_or(*request.accepted_at));
}

inline bool waits_for_send_at(const events::SendRequest& request, UtcTime now) {
  return request.send_at && *request.send_at > now;
}

// nullopt: now. `quiet`: of the client, where the message keeps quiet.
inline std::optional<Wait> wait_of(const events::SendRequest& request, const std::optional<QuietHours>& quiet,
                                   std::string_view zone, UtcTime now) {
  const bool later = waits_for_send_at(request, now);
  const UtcTime from = later ? *request.send_at : now;
  if (quiet) {
    if (const auto until = quiet_until(from, *quiet, zone)) return Wait{*until, "QUIET_HOURS"};
  }
  return later ? std::optional(Wait{from, "SEND_AT"}) : std::nullopt;
}

}  // namespace carillon::orchestrator
