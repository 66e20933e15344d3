// Plans and what they include; the one place to change either. Pure.
#pragma once
#include <algorithm>
#include <array>
#include <string_view>

#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

struct PlanFeature {
  std::string_view plan;
  std::string_view feature_key;
};

inline constexpr std::array<std::string_view, 3> plans{"SOLO", "PORTFOLIO", "PRO"};

inline constexpr std::array<PlanFeature, 9> plan_features{{
    {"SOLO", "email_reminders"},
    {"PORTFOLIO", "email_reminders"},
    {"PORTFOLIO", "scheduled_reports"},
    {"PORTFOLIO", "monthly_digest"},
    {"PRO", "email_reminders"},
    {"PRO", "scheduled_reports"},
    {"PRO", "monthly_digest"},
    {"PRO", "sms_reminders"},
    {"PRO", "priority_support"},
}};

// Whether the client has the feature: an entitlement override that has not expired decides, else the plan.
// An unknown plan includes nothing.
inline bool has_feature(const events::ClientState& client, std::string_view feature_key, UtcTime now) {
  for (const auto& entitlement : client.entitlements) {
    const bool expired = entitlement.expires_at && *entitlement.expires_at <= now;
    if (entitlement.feature_key == feature_key && !expired) return entitlement.granted;
  }
  return std::any_of(plan_features.begin(), plan_features.end(),
                     [&](const PlanFeature& f) { return f.plan == client.plan && f.feature_key == feature_key; });
}

// Stripe's words for a subscription that is being paid or is in its grace: mail goes on while Stripe retries a payment.
inline bool subscription_active(std::string_view status) {
  const auto equals = [&](std::string_view word) {
    return status.size() == word.size() && std::equal(status.begin(), status.end(), word.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
           });
  };
  return equals("active") || equals("trialing") || equals("past_due");
}

}  // namespace carillon::orchestrator
