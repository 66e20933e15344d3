#include "provisioning/app/onboarding_events.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "http/message.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {

void publish_reply(bus::Outbox& out, const Client& client, const std::string& reply, const std::string& cause,
                   UtcTime now, std::string_view traceparent) {
  events::SendRequest send;
  send.idempotency_key = "onboarding/" + cause;
  send.template_key = "ONBOARDING_REPLY";
  send.client_id = client.id;
  send.recipient = client.owner_phone;
  send.variables.text = "{\"reply\":" + http::json_string(reply) + "}";
  send.min_client_version = client.version;
  send.context = events::Context{std::string(event_source), "onboarding"};
  out.publish(bus::topics::send_requests,
              {client.id,
               events::binary_headers("carillon.send-request.v1", event_source, send.idempotency_key, now, traceparent),
               events::to_json(send)});
}

void publish_stop(bus::Outbox& out, const std::string& sender_hash, const std::string& actor, UtcTime now,
                  std::string_view traceparent) {
  events::Feedback event;
  event.kind = events::FeedbackKind::SUPPRESS;
  event.channel = events::Channel::SMS;
  event.recipient_hash = sender_hash;
  event.reason = "STOP";
  event.occurred_at = now;
  out.publish(
      bus::topics::feedback,
      {sender_hash, events::binary_headers("carillon.feedback.v1", event_source, new_uuid(now), now, traceparent),
       events::to_json(event)});
  audit_inbound(out, "INBOUND_STOP", sender_hash, {}, "STOP", actor, now, traceparent);
}

void audit_turn(bus::Outbox& out, const Client& client, OnboardingState from, const Turn& turn,
                const std::string& actor, UtcTime now, std::string_view traceparent) {
  if (turn.kind == Turn::Kind::REPEATED || turn.kind == Turn::Kind::ALLOCATE) return;
  AuditFacts facts{turn.kind == Turn::Kind::ADVANCED ? "ONBOARDING_STEP" : "ONBOARDING_REFUSED", actor, "client",
                   client.id, client.id};
  if (turn.kind == Turn::Kind::REFUSED) {
    facts.outcome = "REFUSED";
    facts.reason = name(turn.reason);
    facts.details = {{"state", std::string(name(from))}};
    publish_audit(out, std::move(facts), now, traceparent);
    return;
  }
  facts.outcome = "OK";
  auto states = turn.passed;
  states.push_back(turn.next);
  for (const OnboardingState to : states) {
    AuditFacts step = facts;
    step.details = {{"from", std::string(name(from))}, {"to", std::string(name(to))}};
    publish_audit(out, std::move(step), now, traceparent);
    from = to;
  }
}

void audit_inbound(bus::Outbox& out, const char* action, const std::string& sender_hash, const std::string& client_id,
                   const char* reason, const std::string& actor, UtcTime now, std::string_view traceparent) {
  AuditFacts facts{action, actor, "sender", sender_hash, client_id};
  facts.outcome = "OK";
  facts.reason = reason;
  publish_audit(out, std::move(facts), now, traceparent);
}

}  // namespace carillon::provisioning
