#include "orchestrator/app/apply_feedback.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using events::Feedback;
using events::FeedbackKind;

Result<Feedback> read_feedback(const bus::Received& received) {
  const auto event = events::read_cloud_event(received.record.headers, received.record.value);
  if (!event) return event.error();
  auto feedback = events::from_json<Feedback>(event->data);
  if (!feedback) return feedback;
  const auto invalid = [](const char* detail) { return Failure{"INVALID_FIELD", detail}; };
  switch (feedback->kind) {
    case FeedbackKind::FINAL_FAILURE:
      if (!is_uuid(feedback->message_id)) return invalid("message_id: must be a UUID");
      return feedback;
    case FeedbackKind::SUPPRESS:
      if (feedback->recipient_hash.empty()) return invalid("recipient_hash: is required");
      if (feedback->channel == events::Channel{}) return invalid("channel: is required");
      return feedback;
    default:
      return invalid("kind: must be FINAL_FAILURE or SUPPRESS");
  }
}

void publish_suppression(const Feedback& feedback, bus::Outbox& out, UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = "RECIPIENT_SUPPRESSED";
  audit.actor = event_source;
  audit.subject_kind = "recipient";
  audit.subject_id = feedback.recipient_hash;
  audit.client_id = feedback.client_id;
  audit.outcome = "SUPPRESSED";
  audit.reason = feedback.reason;
  audit.details = {{"channel", events::enum_name(feedback.channel)}, {"message_id", feedback.message_id}};
  publish(out, audit, now, {});
}

}  // namespace

void ApplyFeedback::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  const UtcTime now = clock_.now();
  pg::Array failed, channels, hashes, reasons, messages, times;
  for (const bus::Received& received : batch) {
    const auto feedback = read_feedback(received);
    if (!feedback) {
      out.dead_letter(bus::topics::feedback, received, feedback.error().code, feedback.error().detail, now);
    } else if (feedback->kind == FeedbackKind::FINAL_FAILURE) {
      failed.add(feedback->message_id);
    } else {
      channels.add(events::enum_name(feedback->channel));
      hashes.add(feedback->recipient_hash);
      reasons.add(feedback->reason);
      messages.add(feedback->message_id);
      times.add(now);
      publish_suppression(*feedback, out, now);
    }
  }
  if (failed.size() > 0) tx.run(orchestrator_sql::release_rate_windows, pg::Params().add(std::move(failed)));
  if (channels.size() > 0) {
    tx.run(orchestrator_sql::add_suppressions, pg::Params()
                                                   .add(std::move(channels))
                                                   .add(std::move(hashes))
                                                   .add(std::move(reasons))
                                                   .add(std::move(messages))
                                                   .add(std::move(times)));
  }
}

}  // namespace carillon::orchestrator
