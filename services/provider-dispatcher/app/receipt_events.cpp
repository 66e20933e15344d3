#include "provider-dispatcher/app/receipt_events.hpp"

#include "events/cloud_events.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::size_t event_bytes_typical = 480;
constexpr const char* by_receipt = "RECEIPT";
constexpr const char* by_admin = "ADMIN_DECISION";

template <class Event>
void publish(bus::Outbox& out, const bus::Topic& topic, std::string_view type, const std::string& key,
             std::string_view id, const Event& event, std::string_view traceparent, UtcTime now) {
  bus::Record record;
  record.key = key;
  record.headers = events::binary_headers(type, event_source, id, now, traceparent);
  record.value.reserve(event_bytes_typical);
  events::append_json(record.value, event);
  out.publish(topic, std::move(record));
}

void log_delivery(bus::Outbox& out, const Receipt& receipt, events::Status status, const std::string& id, UtcTime now) {
  events::MessageEvent event;
  event.message_id = receipt.message_id;
  event.status = status;
  event.occurred_at = receipt.occurred_at;
  event.channel = receipt.channel;
  event.provider = receipt.provider;
  event.provider_message_id = receipt.provider_message_id;
  event.attempt = receipt.attempt;
  event.reason = receipt.reason;
  event.provider_code = receipt.provider_code;
  event.detail = receipt.detail;
  publish(out, bus::topics::message_log, "carillon.message-log.v1", receipt.message_id, id, event, {}, now);
}

void audit_delivery(bus::Outbox& out, const Receipt& receipt, const std::string& id, UtcTime now) {
  events::AuditEvent event;
  event.event_id = id;
  event.occurred_at = now;
  event.action = "MESSAGE_DELIVERY";
  event.actor = event_source;
  event.subject_kind = "message";
  event.subject_id = receipt.message_id;
  event.outcome = kind_name(receipt.kind);
  event.reason = receipt.reason;
  event.details = {{"attempt", std::to_string(receipt.attempt)}, {"provider", receipt.provider}};
  if (!receipt.provider_code.empty()) event.details.emplace("provider_code", receipt.provider_code);
  publish(out, bus::topics::audit, "carillon.audit.v1", event.subject_id, id, event, {}, now);
}

void suppress(bus::Outbox& out, const Receipt& receipt, const std::string& id, UtcTime now) {
  events::Feedback event;
  event.message_id = receipt.message_id;
  event.kind = events::FeedbackKind::SUPPRESS;
  event.channel = receipt.channel;
  event.recipient_hash = receipt.recipient_hash;
  event.reason = suppress_name(receipt.suppress);
  event.occurred_at = receipt.occurred_at;
  const std::string& key = receipt.about_recipient_alone ? receipt.recipient_hash : event.message_id;
  publish(out, bus::topics::feedback, "carillon.feedback.v1", key, id, event, {}, now);
}

events::MessageEvent event_of(const Claim& claim, events::Status status, UtcTime at) {
  const events::Dispatch& dispatch = claim.dispatch;
  events::MessageEvent event;
  event.message_id = dispatch.message_id;
  event.status = status;
  event.occurred_at = at;
  event.template_key = dispatch.template_key;
  event.template_version = dispatch.template_version;
  event.channel = dispatch.channel;
  event.priority = dispatch.priority;
  event.client_id = dispatch.client_id;
  if (!dispatch.recipient.empty()) event.recipient_masked = masked(dispatch.recipient);
  event.recipient_hash = dispatch.recipient_hash;
  event.provider = claim.provider_name;
  event.attempt = claim.attempt;
  event.round = claim.round;
  event.sms_segments = dispatch.sms_segments;
  event.extra_call = claim.extra_call;
  event.source = dispatch.source;
  event.accepted_at = dispatch.accepted_at;
  return event;
}

void log_message(bus::Outbox& out, const Claim& claim, const events::MessageEvent& event, UtcTime now) {
  publish(out, bus::topics::message_log, "carillon.message-log.v1", event.message_id, new_uuid(now), event,
          claim.traceparent, now);
}

void audit_resolved(bus::Outbox& out, const events::MessageEvent& event, std::string_view actor,
                    std::string_view outcome, std::string_view reason, std::map<std::string, std::string> details,
                    UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = "MESSAGE_RESOLVED";
  audit.actor = actor;
  audit.subject_kind = "message";
  audit.subject_id = event.message_id;
  audit.client_id = event.client_id;
  audit.outcome = outcome;
  audit.reason = reason;
  audit.details = std::move(details);
  audit.details.emplace("attempt", std::to_string(event.attempt));
  audit.details.emplace("provider", event.provider);
  publish(out, bus::topics::audit, "carillon.audit.v1", audit.subject_id, audit.event_id, audit, {}, now);
}

void tell_final_failure(bus::Outbox& out, const Claim& claim, UtcTime now) {
  events::Feedback event;
  event.message_id = claim.dispatch.message_id;
  event.kind = events::FeedbackKind::FINAL_FAILURE;
  event.template_key = claim.dispatch.template_key;
  event.channel = claim.dispatch.channel;
  event.client_id = claim.dispatch.client_id;
  event.recipient_hash = claim.dispatch.recipient_hash;
  event.reason = by_admin;
  event.occurred_at = now;
  publish(out, bus::topics::feedback, "carillon.feedback.v1", event.message_id, new_uuid(now), event, claim.traceparent,
          now);
}

std::map<std::string, std::string> with_note(std::string_view note) {
  if (note.empty()) return {};
  return {{"note", std::string(note)}};
}

}  // namespace

void report_receipt(bus::Outbox& out, const Receipt& receipt, bool first, UtcTime now) {
  if (is_noted(receipt.kind) && !first) return;
  const std::string id = receipt_id(receipt);
  if (const auto status = status_of(receipt.kind)) log_delivery(out, receipt, *status, id, now);
  if (!is_noted(receipt.kind)) return;
  audit_delivery(out, receipt, id, now);
  if (receipt.suppress != SuppressReason::NONE && !receipt.recipient_hash.empty()) suppress(out, receipt, id, now);
}

void report_recipient(bus::Outbox& out, const Receipt& receipt, UtcTime now) {
  suppress(out, receipt, receipt_id(receipt), now);
}

void report_sent_by_receipt(bus::Outbox& out, const Claim& pending, const Receipt& receipt, UtcTime now) {
  auto event = event_of(pending, events::Status::SENT, now);
  event.provider = receipt.provider;
  event.provider_message_id = receipt.provider_message_id;
  if (receipt.attempt > 0) event.attempt = receipt.attempt;
  event.extra_call = pending.extra_call && event.attempt > 1;  // the first call is never one
  log_message(out, pending, event, now);
  audit_resolved(out, event, event_source, "SENT", by_receipt, {{"receipt", kind_name(receipt.kind)}}, now);
}

void report_decided(bus::Outbox& out, const Claim& held, events::Status status, const Decision& decision, UtcTime now) {
  auto event = event_of(held, status, now);
  event.reason = by_admin;
  event.detail = decision.note;
  log_message(out, held, event, now);
  audit_resolved(out, event, decision.actor, events::enum_name(status), by_admin, with_note(decision.note), now);
  if (status == events::Status::FAILED) tell_final_failure(out, held, now);
}

void report_sent_again(bus::Outbox& out, const Claim& held, const Decision& decision, UtcTime now) {
  const auto event = event_of(held, events::Status::UNCONFIRMED, now);
  audit_resolved(out, event, decision.actor, "RESEND", by_admin, with_note(decision.note), now);
}

}  // namespace carillon::dispatcher
