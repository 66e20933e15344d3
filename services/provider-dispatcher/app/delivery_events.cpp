#include "provider-dispatcher/app/delivery_events.hpp"

#include "events/cloud_events.hpp"
#include "provider-dispatcher/core/outcome_names.hpp"
#include "values/message_id.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::size_t event_bytes_typical = 640;

template <class Event>
void publish(bus::Outbox& out, const bus::Topic& topic, std::string_view type, std::string key, std::string_view id,
             const Event& event, std::string_view traceparent, UtcTime now) {
  bus::Record record;
  record.key = std::move(key);
  record.headers = events::binary_headers(type, event_source, id, now, traceparent);
  record.value.reserve(event_bytes_typical);
  events::append_json(record.value, event);
  out.publish(topic, std::move(record));
}

std::string_view reason_text(Reason reason) {
  return reason == Reason::NONE ? std::string_view{} : reason_name(reason);
}

events::MessageEvent message_event(const Finished& finished, events::Status status, UtcTime now) {
  const Claim& claim = *finished.claim;
  const events::Dispatch& dispatch = claim.dispatch;
  events::MessageEvent event;
  event.message_id = dispatch.message_id;
  event.status = status;
  event.occurred_at = now;
  event.template_key = dispatch.template_key;
  event.template_version = dispatch.template_version;
  event.channel = dispatch.channel;
  event.priority = dispatch.priority;
  event.client_id = dispatch.client_id;
  event.recipient_masked = claim.recipient_masked;
  event.recipient_hash = dispatch.recipient_hash;
  event.attempt = claim.attempt - (finished.called ? 0 : 1);
  event.round = claim.round;
  event.sms_segments = dispatch.sms_segments;
  event.extra_call = claim.extra_call;
  event.source = dispatch.source;
  event.accepted_at = dispatch.accepted_at;
  if (finished.called) {
    event.provider = claim.provider_name;
    event.provider_message_id = finished.outcome.provider_message_id;
    event.provider_code = finished.outcome.provider_code;
    event.latency_ms = static_cast<std::int32_t>(finished.outcome.latency.count());
  }
  return event;
}

void log_message(bus::Outbox& out, const Finished& finished, const events::MessageEvent& event, UtcTime now) {
  publish(out, bus::topics::message_log, "carillon.message-log.v1", event.message_id, new_uuid(now), event,
          finished.claim->traceparent, now);
}

void audit_final(bus::Outbox& out, const Finished& finished, const events::MessageEvent& event, std::string_view action,
                 UtcTime now) {
  std::map<std::string, std::string> details{{"attempt", std::to_string(event.attempt)}};
  if (!event.provider.empty()) details.emplace("provider", event.provider);
  if (event.extra_call) details.emplace("extra_call", "true");
  audit(out, action, "message", event.message_id, finished.claim->dispatch.client_id, events::enum_name(event.status),
        event.reason, std::move(details), now);
}

void feedback(bus::Outbox& out, const Finished& finished, events::FeedbackKind kind, std::string_view reason,
              UtcTime now) {
  const events::Dispatch& dispatch = finished.claim->dispatch;
  events::Feedback event;
  event.message_id = dispatch.message_id;
  event.kind = kind;
  event.template_key = dispatch.template_key;
  event.channel = dispatch.channel;
  event.client_id = dispatch.client_id;
  event.recipient_hash = dispatch.recipient_hash;
  event.reason = reason;
  event.occurred_at = now;
  publish(out, bus::topics::feedback, "carillon.feedback.v1", event.message_id, new_uuid(now), event,
          finished.claim->traceparent, now);
}

// The call itself, when it did not end the message.
void report_attempt(bus::Outbox& out, const Finished& finished, const NextStep& next, UtcTime now) {
  const bool unconfirmed = finished.outcome.kind == OutcomeKind::UNCONFIRMED;
  auto event = message_event(finished, unconfirmed ? events::Status::UNCONFIRMED : events::Status::ATTEMPT_FAILED, now);
  event.reason = reason_text(finished.outcome.reason);
  event.detail = finished.outcome.detail;
  if (next.step == Step::FAILOVER || next.step == Step::RETRY) event.next_attempt_at = next.due_at;
  log_message(out, finished, event, now);
}

void report_sent(bus::Outbox& out, const Finished& finished, UtcTime now) {
  const auto event = message_event(finished, events::Status::SENT, now);
  log_message(out, finished, event, now);
  audit_final(out, finished, event, "MESSAGE_SENT", now);
}

void report_failed(bus::Outbox& out, const Finished& finished, const NextStep& next, UtcTime now) {
  const bool exhausted = next.reason == Reason::ROUNDS_EXHAUSTED;
  if (exhausted) report_attempt(out, finished, next, now);
  auto event = message_event(finished, events::Status::FAILED, now);
  event.reason = reason_text(next.reason);
  event.detail = finished.outcome.detail;
  if (exhausted) {
    event.detail = "last: " + std::string(reason_name(finished.outcome.reason));
    if (!finished.outcome.detail.empty()) event.detail += ", " + finished.outcome.detail;
  }
  event.extra_call = next.extra_call;
  log_message(out, finished, event, now);
  audit_final(out, finished, event, "MESSAGE_FAILED", now);
  feedback(out, finished, events::FeedbackKind::FINAL_FAILURE, event.reason, now);
}

void report_held(bus::Outbox& out, const Finished& finished, const NextStep& next, UtcTime now) {
  auto event = message_event(finished, events::Status::UNCONFIRMED, now);
  event.reason = reason_text(next.reason);
  event.detail = finished.outcome.detail;
  log_message(out, finished, event, now);
  audit_final(out, finished, event, "MESSAGE_UNCONFIRMED", now);
}

}  // namespace

void audit(bus::Outbox& out, std::string_view action, std::string_view subject_kind, std::string_view subject_id,
           std::string_view client_id, std::string_view outcome, std::string_view reason,
           std::map<std::string, std::string> details, UtcTime now) {
  events::AuditEvent event;
  event.event_id = new_uuid(now);
  event.occurred_at = now;
  event.action = action;
  event.actor = event_source;
  event.subject_kind = subject_kind;
  event.subject_id = subject_id;
  event.client_id = client_id;
  event.outcome = outcome;
  event.reason = reason;
  event.details = std::move(details);
  publish(out, bus::topics::audit, "carillon.audit.v1", event.subject_id, event.event_id, event, {}, now);
}

void report_step(bus::Outbox& out, const Finished& finished, const NextStep& next, UtcTime now) {
  switch (next.step) {
    case Step::SENT:
      report_sent(out, finished, now);
      break;
    case Step::FAILED:
      report_failed(out, finished, next, now);
      break;
    case Step::EXPIRED:
      report_expired(out, finished, now);
      break;
    case Step::TOLD:
      if (finished.how == Finished::How::ANSWERED) report_attempt(out, finished, next, now);
      break;
    case Step::FAILOVER:
    case Step::RETRY:
      report_attempt(out, finished, next, now);
      break;
    case Step::HELD:
      report_held(out, finished, next, now);
      break;
  }
  if (finished.outcome.suppress_recipient && !finished.claim->dispatch.recipient_hash.empty()) {
    feedback(out, finished, events::FeedbackKind::SUPPRESS, reason_text(finished.outcome.reason), now);
  }
}

void report_expired(bus::Outbox& out, const Finished& finished, UtcTime now) {
  auto event = message_event(finished, events::Status::EXPIRED, now);
  event.reason = reason_name(Reason::EXPIRED);
  log_message(out, finished, event, now);
  audit_final(out, finished, event, "MESSAGE_EXPIRED", now);
  feedback(out, finished, events::FeedbackKind::FINAL_FAILURE, event.reason, now);
}

void report_late_answer(bus::Outbox& out, const Finished& finished, bool upgraded, UtcTime now) {
  if (upgraded) return report_sent(out, finished, now);
  const Claim& claim = *finished.claim;
  std::map<std::string, std::string> details{{"attempt", std::to_string(claim.attempt)},
                                             {"provider", claim.provider_name}};
  const std::string& id = finished.outcome.provider_message_id;
  if (!id.empty()) details.emplace("provider_message_id", id);
  audit(out, "LATE_ANSWER", "message", claim.dispatch.message_id, claim.dispatch.client_id,
        kind_name(finished.outcome.kind), reason_text(finished.outcome.reason), std::move(details), now);
}

void report_provider_state(bus::Outbox& out, const RosterEntry& entry, const Breaker& breaker, UtcTime now) {
  events::ProviderState state;
  state.provider = entry.name;
  state.channel = entry.channel;
  state.version = breaker.version;
  state.channel_enabled = entry.channel_enabled;
  state.configured = entry.has_settings;
  state.position = entry.position;
  state.breaker = to_string(breaker.state);
  state.consecutive_failures = breaker.consecutive_failures;
  state.last_error = breaker.last_error;
  state.observed_at = now;
  publish(out, bus::topics::provider_state, "carillon.provider-state.v1", state.provider, new_uuid(now), state, {},
          now);
}

void report_breaker_change(bus::Outbox& out, const RosterEntry& entry, const Breaker& before, const Breaker& after,
                           UtcTime now) {
  if (before.state == after.state) return;
  report_provider_state(out, entry, after, now);
  const std::map<std::string, std::string> details{{"channel", events::enum_name(entry.channel)},
                                                   {"last_error", after.last_error}};
  if (after.state == BreakerState::OPEN && before.state == BreakerState::CLOSED) {
    audit(out, "PROVIDER_BREAKER_OPENED", "provider", entry.name, {}, "OPEN", "CONSECUTIVE_FAILURES", details, now);
  } else if (after.state == BreakerState::CLOSED) {
    audit(out, "PROVIDER_BREAKER_CLOSED", "provider", entry.name, {}, "CLOSED", "TRIALS_SUCCEEDED", details, now);
  }
}

}  // namespace carillon::dispatcher
