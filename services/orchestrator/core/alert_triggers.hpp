// Which alerts follow from a snapshot. Levels (drift, budget, imbalance) fire when they come up, and again only after
// they were down; exports and vendors fire once each. A snapshot from before the newest that told of a level says
// nothing of it any more. What the debounce holds back is told by the next snapshot that still says it when the
// debounce is over. Pure.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/core/alert_settings.hpp"
#include "orchestrator/core/tenant_alert.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

// One that the tenant was told of, or that came while its alert was off.
using AlertItem = std::pair<AlertType, std::string>;

// What is known of a tenant from before. judge() keeps it up to date.
struct AlertMemory {
  struct Level {
    bool raised = false;    // the tenant was told that it is up
    UtcTime observed_at{};  // of the newest snapshot that told of it, whatever followed
  };
  std::map<AlertType, Level> levels;
  std::set<AlertItem> items;               // of those that items_of() names
  std::map<AlertType, UtcTime> last_sent;  // within the debounce: sent, or on its way
  std::set<AlertType> changed_levels;      // by judge(): to be kept
  std::set<AlertItem> new_items;           // by judge(): to be kept
};

struct Alert {
  AlertType type{};
  events::JsonObject variables;  // of its templates
  bool operator==(const Alert&) const = default;
};

struct Judgement {
  std::vector<Alert> alerts;
  std::vector<AlertType> held_back;  // by the debounce
};

std::vector<AlertItem> items_of(const events::TenantMetrics& metrics);

Judgement judge(const events::TenantMetrics& metrics, const AlertToggles& on, AlertMemory& memory, UtcTime now);

}  // namespace carillon::orchestrator
