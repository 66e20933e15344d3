#include "orchestrator/app/event_records.hpp"

#include "events/cloud_events.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {

bus::Record send_request_record(const events::SendRequest& request, std::string record_key, UtcTime now,
                                std::string_view traceparent) {
  return {std::move(record_key),
          events::binary_headers(send_request_type, event_source, request.message_id, now, traceparent),
          events::to_json(request)};
}

bus::Record dispatch_record(const std::string& message_id, std::string dispatch_json, UtcTime now,
                            std::string_view traceparent) {
  return {message_id, events::binary_headers("carillon.dispatch.v1", event_source, message_id, now, traceparent),
          std::move(dispatch_json)};
}

void publish(bus::Outbox& out, const events::MessageEvent& event, UtcTime now, std::string_view traceparent) {
  const std::string id = event.message_id + "/" + events::enum_name(event.status);
  out.publish(bus::topics::message_log,
              {event.message_id, events::binary_headers("carillon.message-log.v1", event_source, id, now, traceparent),
               events::to_json(event)});
}

void publish(bus::Outbox& out, const events::AuditEvent& event, UtcTime now, std::string_view traceparent) {
  out.publish(
      bus::topics::audit,
      {event.subject_id, events::binary_headers("carillon.audit.v1", event_source, event.event_id, now, traceparent),
       events::to_json(event)});
}

events::AuditEvent decision_audit(const events::MessageEvent& event, UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = "MESSAGE_DECIDED";
  audit.actor = event_source;
  audit.subject_kind = "message";
  audit.subject_id = event.message_id;
  audit.client_id = event.client_id;
  audit.outcome = events::enum_name(event.status);
  audit.reason = event.reason;
  audit.details = {{"template_key", event.template_key}, {"source", event.source}};
  if (event.channel != events::Channel{}) audit.details["channel"] = events::enum_name(event.channel);
  if (event.priority != events::Priority{}) audit.details["priority"] = events::enum_name(event.priority);
  return audit;
}

}  // namespace carillon::orchestrator
