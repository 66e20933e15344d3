// The kinds of tenant alerts, by the name of the tenant's toggle, and their templates. Plain values.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "events/events.hpp"

namespace carillon::orchestrator {

enum class AlertType { PSI_ALERT, BUDGET_FALLBACK, JE_IMBALANCE, EXPORT_COMPLETED, COLDSTART_GRADUATED, TEST };

inline constexpr std::size_t alert_toggles_count = 5;  // TEST has none

struct AlertKind {
  AlertType type;
  std::string_view name;          // of the toggle, in notification_log and in metrics
  std::string_view template_key;  // by e-mail; to Slack the same with alert_slack_suffix
  std::string_view label, help;   // on the page
};

inline constexpr std::array alert_kinds{
    AlertKind{AlertType::PSI_ALERT, "psi_alert", "TENANT_ALERT_PSI", "Data drift",
              "The vendors or amounts of new entries differ from what was learned (PSI above 0.20)."},
    AlertKind{AlertType::BUDGET_FALLBACK, "budget_fallback", "TENANT_ALERT_BUDGET_FALLBACK", "LLM budget exceeded",
              "The budget for language models is used up, and the fallback works instead."},
    AlertKind{AlertType::JE_IMBALANCE, "je_imbalance", "TENANT_ALERT_JE_IMBALANCE", "Journal entry imbalance",
              "There are journal entries that do not balance."},
    AlertKind{AlertType::EXPORT_COMPLETED, "export_completed", "TENANT_ALERT_EXPORT_COMPLETED", "Export complete",
              "An export has finished; with what was posted and what was skipped."},
    AlertKind{AlertType::COLDSTART_GRADUATED, "coldstart_graduated", "TENANT_ALERT_COLDSTART_GRADUATED",
              "Vendor ready for auto-post", "A vendor was labelled alike three times in a row."},
    AlertKind{AlertType::TEST, "test", "TENANT_ALERT_TEST", "Test", "Sent by hand to try the settings."}};

constexpr const AlertKind& kind_of(AlertType type) {
  return alert_kinds[static_cast<std::size_t>(type)];
}

inline constexpr std::string_view alert_template_prefix = "TENANT_ALERT_";
inline constexpr std::string_view alert_slack_suffix = "_SLACK";

// The channels an alert can take.
inline constexpr std::array alert_channels{events::Channel::EMAIL, events::Channel::SLACK};

inline std::string alert_template(AlertType type, events::Channel channel) {
  std::string key(kind_of(type).template_key);
  if (channel == events::Channel::SLACK) key += alert_slack_suffix;
  return key;
}

}  // namespace carillon::orchestrator
