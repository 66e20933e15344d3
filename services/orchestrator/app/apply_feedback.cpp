#include "orchestrator/app/apply_feedback.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/app/forget_recipients.hpp"
#include "orchestrator/app/suppressions.hpp"
#include "orchestrator/core/suppression_filter.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using events::Feedback;
using events::FeedbackKind;

constexpr std::string_view feedback_source = "feedback";

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
    case FeedbackKind::ERASE:
      if (!is_hash(feedback->recipient_hash)) return invalid("recipient_hash: must be a whole reference");
      return feedback;
    default:
      return invalid("kind: must be FINAL_FAILURE, SUPPRESS or ERASE");
  }
}

// By e-mail alone: of other channels nothing can be unsubscribed.
bool is_unsubscribe(const Feedback& feedback) {
  return feedback.reason == unsubscribe_reason && feedback.channel == events::Channel::EMAIL;
}

void publish_suppression(const Feedback& feedback, bus::Outbox& out, UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = is_unsubscribe(feedback) ? "RECIPIENT_UNSUBSCRIBED" : "RECIPIENT_SUPPRESSED";
  audit.actor = event_source;
  audit.subject_kind = "recipient";
  audit.subject_id = feedback.recipient_hash;
  audit.client_id = feedback.client_id;
  audit.outcome = is_unsubscribe(feedback) ? "UNSUBSCRIBED" : "SUPPRESSED";
  audit.reason = feedback.reason;
  audit.details = {{"channel", events::enum_name(feedback.channel)}, {"message_id", feedback.message_id}};
  if (is_unsubscribe(feedback)) audit.details["category"] = every_category;
  publish(out, audit, now, {});
}

// Rows for the list, one column each.
struct Entries {
  pg::Array channels, hashes, categories, reasons, messages, sources, times;

  void add(const Feedback& feedback, UtcTime now) {
    channels.add(events::enum_name(feedback.channel));
    hashes.add(feedback.recipient_hash);
    categories.add(every_category);
    reasons.add(feedback.reason);
    messages.add(feedback.message_id);
    sources.add(feedback_source);
    times.add(now);
  }
};

void store_suppressions(Entries& entries, pg::Transaction& tx) {
  if (entries.channels.size() == 0) return;
  tx.run(orchestrator_sql::add_suppressions, pg::Params()
                                                 .add(std::move(entries.channels))
                                                 .add(std::move(entries.hashes))
                                                 .add(std::move(entries.reasons))
                                                 .add(std::move(entries.messages))
                                                 .add(std::move(entries.times)));
}

void store_unsubscribes(Entries& entries, pg::Transaction& tx) {
  if (entries.channels.size() == 0) return;
  tx.run(orchestrator_sql::add_unsubscribes, pg::Params()
                                                 .add(std::move(entries.channels))
                                                 .add(std::move(entries.hashes))
                                                 .add(std::move(entries.categories))
                                                 .add(std::move(entries.reasons))
                                                 .add(std::move(entries.messages))
                                                 .add(std::move(entries.sources))
                                                 .add(std::move(entries.times)));
}

}  // namespace

void ApplyFeedback::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  const UtcTime now = clock_.now();
  pg::Array failed;
  AlertOutcomes alerts;
  Entries suppressed, unsubscribed;
  std::vector<Feedback> erased;
  for (const bus::Received& received : batch) {
    const auto feedback = read_feedback(received);
    if (!feedback) {
      out.dead_letter(bus::topics::feedback, received, feedback.error().code, feedback.error().detail, now);
    } else if (feedback->kind == FeedbackKind::FINAL_FAILURE) {
      failed.add(feedback->message_id);
      alerts.add(*feedback);
    } else if (feedback->kind == FeedbackKind::ERASE) {
      erased.push_back(*feedback);
    } else {
      (is_unsubscribe(*feedback) ? unsubscribed : suppressed).add(*feedback, now);
      publish_suppression(*feedback, out, now);
    }
  }
  if (failed.size() > 0) tx.run(orchestrator_sql::release_rate_windows, pg::Params().add(std::move(failed)));
  alerts.store(tx);
  store_suppressions(suppressed, tx);
  store_unsubscribes(unsubscribed, tx);
  forget_recipients(erased, tx, out, now);
}

}  // namespace carillon::orchestrator
