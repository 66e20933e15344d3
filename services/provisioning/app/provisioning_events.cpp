#include "provisioning/app/provisioning_events.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {

void publish_state(bus::Outbox& out, const Client& client, UtcTime now, std::string_view traceparent) {
  const std::string id = client.id + "/" + std::to_string(client.version);
  out.publish(bus::topics::client_state,
              {client.id, events::binary_headers("carillon.client-state.v1", event_source, id, now, traceparent),
               events::to_json(state_of(client))});
}

void publish_audit(bus::Outbox& out, AuditFacts facts, UtcTime now, std::string_view traceparent) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = std::move(facts.action);
  audit.actor = std::move(facts.actor);
  audit.subject_kind = std::move(facts.subject_kind);
  audit.subject_id = std::move(facts.subject_id);
  audit.client_id = std::move(facts.client_id);
  audit.outcome = std::move(facts.outcome);
  audit.reason = std::move(facts.reason);
  audit.details = std::move(facts.details);
  out.publish(
      bus::topics::audit,
      {audit.subject_id, events::binary_headers("carillon.audit.v1", event_source, audit.event_id, now, traceparent),
       events::to_json(audit)});
}

}  // namespace carillon::provisioning
