// notification_log: one row for each try of an alert on a channel. It is PENDING until the message is decided, then
// SENT (handed to delivery), DRY_RUN (no provider, no address) or BLOCKED; a final failure that delivery reports makes
// FAILED of SENT. Of all states only SENT is `sent`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/alert_log_query.hpp"
#include "orchestrator/core/tenant_alert.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

inline constexpr std::chrono::hours alert_log_retention{90 * 24};
inline constexpr std::chrono::hours alert_items_retention{400 * 24};

struct AlertTry {
  std::string message_id, tenant_id;
  events::Channel channel{};
  AlertType type{};
  std::string payload_json;  // without secrets
};

// One statement for all.
void add_alert_tries(const std::vector<AlertTry>& tries, pg::Transaction& tx, UtcTime now);

// What becomes of alerts' messages, gathered over a batch. Other messages are passed over, so a batch without alerts
// costs no statement.
class AlertOutcomes {
 public:
  void add(const events::MessageEvent& decided);
  void add(const events::Feedback& final_failure);
  void store(pg::Transaction& tx);

 private:
  void add(const std::string& message_id, const char* state, const std::string& error,
           const std::optional<UtcTime>& sent_at);
  pg::Array messages_, states_, errors_, times_;
};

// Newest first. Blocks; throws the pg:: errors.
AlertLogPage list_alert_log(pg::Connection& connection, const std::string& tenant_id, const AlertLogQuery& query);

}  // namespace carillon::orchestrator
