// What is asked of notification_log, and its rows. Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr int alert_log_page_max = 200;
inline constexpr int alert_log_page_default = 50;

struct AlertLogEntry {
  std::string message_id, channel, type, payload_json, state, error_message;
  bool sent = false;
  UtcTime created_at{};
};

// The page goes on behind this entry.
struct AlertLogPlace {
  UtcTime created_at{};
  std::string message_id;
  bool operator==(const AlertLogPlace&) const = default;
};

struct AlertLogPage {
  std::vector<AlertLogEntry> items;
  std::optional<AlertLogPlace> next{};
};

struct AlertLogQuery {
  std::optional<AlertLogPlace> after{};
  int limit = alert_log_page_default;
};

std::string alert_log_cursor(const AlertLogPlace& place);
// ?limit= and ?cursor=. Failure INVALID_FIELD names the parameter.
Result<AlertLogQuery> read_alert_log_query(const std::map<std::string, std::string>& query);

}  // namespace carillon::orchestrator
