// The topics of the platform: the one list of names, partition counts and kinds.
#pragma once
#include <array>
#include <string_view>

namespace carillon::bus {

struct Topic {
  std::string_view name;   // as on Kafka
  std::string_view table;  // bus.<table> holds it on the PostgreSQL engine
  bool state = false;      // keeps the latest record of each key for ever (compacted); others are cut by retention
  bool log = false;        // kept for the record: nothing is held up when it travels in larger lots
};

namespace topics {
inline constexpr Topic send_requests{"notification.send-requests.v1", "send_requests"};
inline constexpr Topic dispatch{"notification.dispatch.v1", "dispatch"};
inline constexpr Topic message_log{"notification.message-log.v1", "message_log", false, true};
inline constexpr Topic audit{"audit.v1", "audit", false, true};
inline constexpr Topic feedback{"notification.feedback.v1", "feedback"};
inline constexpr Topic billing_events{"billing.events.v1", "billing_events"};
inline constexpr Topic tenant_alerts{"tenant.alerts.v1", "tenant_alerts"};
inline constexpr Topic client_state{"client.state.v1", "client_state", true};
inline constexpr Topic provider_state{"provider.state.v1", "provider_state", true};
// Dead letters of every topic, one stream each: "<topic>.dlq".
inline constexpr Topic send_requests_dlq{"notification.send-requests.v1.dlq", "send_requests_dlq"};
inline constexpr Topic dispatch_dlq{"notification.dispatch.v1.dlq", "dispatch_dlq"};
inline constexpr Topic message_log_dlq{"notification.message-log.v1.dlq", "message_log_dlq"};
inline constexpr Topic audit_dlq{"audit.v1.dlq", "audit_dlq"};
inline constexpr Topic feedback_dlq{"notification.feedback.v1.dlq", "feedback_dlq"};
inline constexpr Topic billing_events_dlq{"billing.events.v1.dlq", "billing_events_dlq"};
inline constexpr Topic tenant_alerts_dlq{"tenant.alerts.v1.dlq", "tenant_alerts_dlq"};
inline constexpr Topic client_state_dlq{"client.state.v1.dlq", "client_state_dlq"};
inline constexpr Topic provider_state_dlq{"provider.state.v1.dlq", "provider_state_dlq"};

inline constexpr std::array all{send_requests,     dispatch,           message_log,      audit,
                                feedback,          billing_events,     client_state,     provider_state,
                                send_requests_dlq, dispatch_dlq,       message_log_dlq,  audit_dlq,
                                feedback_dlq,      billing_events_dlq, client_state_dlq, provider_state_dlq,
                                tenant_alerts,     tenant_alerts_dlq};
}  // namespace topics

// The dead-letter topic of `topic`; a dead-letter topic is its own.
Topic dead_letter_topic(const Topic& topic);
// nullptr when there is no topic of that name.
const Topic* find_topic(std::string_view name);

}  // namespace carillon::bus
