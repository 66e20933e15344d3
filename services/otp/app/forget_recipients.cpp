#include "otp/app/forget_recipients.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "otp/app/otp_events.hpp"
#include "otp_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::otp {
namespace {

std::string recipient_to_forget(const bus::Received& received) {
  const auto event = events::read_cloud_event(received.record.headers, received.record.value);
  if (!event) return {};
  const auto feedback = events::from_json<events::Feedback>(event->data);
  return feedback && feedback->kind == events::FeedbackKind::ERASE ? feedback->recipient_hash : std::string();
}

}  // namespace

void ForgetRecipients::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  pg::Array hashes;
  for (const bus::Received& received : batch)
    if (const std::string hash = recipient_to_forget(received); !hash.empty()) hashes.add(hash);
  if (hashes.size() == 0) return;
  const UtcTime now = clock_.now();
  for (const auto& row : tx.run(otp_sql::forget_recipients, pg::Params().add(std::move(hashes)))) {
    events::AuditEvent audit;
    audit.event_id = new_uuid(now);
    audit.occurred_at = now;
    audit.action = "RECIPIENT_ERASED";
    audit.actor = event_source;
    audit.subject_kind = "recipient";
    audit.subject_id = row["recipient_hash"].c_str();
    audit.outcome = "ERASED";
    audit.details = {{"codes", row["codes"].c_str()},
                     {"verified", row["verified"].c_str()},
                     {"step_up_tokens", row["tokens"].c_str()}};
    out.publish(bus::topics::audit,
                {audit.subject_id, events::binary_headers("carillon.audit.v1", event_source, audit.event_id, now),
                 events::to_json(audit)});
  }
}

}  // namespace carillon::otp
