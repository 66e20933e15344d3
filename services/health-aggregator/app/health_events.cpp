#include "health-aggregator/app/health_events.hpp"

#include "events/cloud_events.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

void publish_audit(bus::Outbox& out, events::AuditEvent audit, UtcTime now, std::string_view traceparent) {
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  out.publish(
      bus::topics::audit,
      {audit.subject_id, events::binary_headers("carillon.audit.v1", event_source, audit.event_id, now, traceparent),
       events::to_json(audit)});
}

void publish_alert(bus::Outbox& out, std::string_view template_key, std::string idempotency_key, std::string variables,
                   std::string_view reason, UtcTime now) {
  events::SendRequest request;
  request.idempotency_key = std::move(idempotency_key);
  request.template_key = template_key;
  request.variables.text = std::move(variables);
  request.context = events::Context{std::string(event_source), std::string(reason)};
  out.publish(
      bus::topics::send_requests,
      {request.idempotency_key, events::binary_headers("carillon.send-request.v1", event_source, new_uuid(now), now),
       events::to_json(request)});
}

}  // namespace carillon::health
