// Our events as bus records: key, CloudEvents attributes, JSON.
#pragma once
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

inline constexpr std::string_view event_source = "carillon/orchestrator";
inline constexpr std::string_view own_sources = "carillon/";  // how the sources of this platform's services begin
inline constexpr std::string_view send_request_type = "carillon.send-request.v1";

// `record_key` is what orders the request among others: client, else recipient's hash, else message id.
bus::Record send_request_record(const events::SendRequest& request, std::string record_key, UtcTime now,
                                std::string_view traceparent);
bus::Record dispatch_record(const std::string& message_id, std::string dispatch_json, UtcTime now,
                            std::string_view traceparent);
void publish(bus::Outbox& out, const events::MessageEvent& event, UtcTime now, std::string_view traceparent);
void publish(bus::Outbox& out, const events::AuditEvent& event, UtcTime now, std::string_view traceparent);

// The audit entry of a decision about a message; no personal data.
events::AuditEvent decision_audit(const events::MessageEvent& event, UtcTime now);

}  // namespace carillon::orchestrator
