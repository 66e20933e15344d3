#include "orchestrator/app/forget_recipients.hpp"

#include <map>

#include "orchestrator/app/event_records.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view erased_reason = "RECIPIENT_ERASED";

void publish_cancelled(const events::Dispatch& dispatch, bus::Outbox& out, UtcTime now, std::string_view traceparent) {
  events::MessageEvent event;
  event.message_id = dispatch.message_id;
  event.status = events::Status::CANCELLED;
  event.occurred_at = now;
  event.template_key = dispatch.template_key;
  event.template_version = dispatch.template_version;
  event.channel = dispatch.channel;
  event.priority = dispatch.priority;
  event.client_id = dispatch.client_id;
  event.reason = erased_reason;
  event.source = dispatch.source;
  event.accepted_at = dispatch.accepted_at;
  publish(out, event, now, traceparent);
  publish(out, decision_audit(event, now), now, traceparent);
}

}  // namespace

void forget_recipients(std::span<const events::Feedback> orders, pg::Transaction& tx, bus::Outbox& out, UtcTime now) {
  if (orders.empty()) return;
  pg::Array hashes, same_hashes;
  for (const events::Feedback& order : orders) {
    hashes.add(order.recipient_hash);
    same_hashes.add(order.recipient_hash);
  }
  std::map<std::string, int> cancelled;
  for (const auto& row : tx.run(orchestrator_sql::take_deferred_of, pg::Params().add(std::move(hashes)))) {
    const auto dispatch = events::from_json<events::Dispatch>(pg::from_bytea(row["dispatch"].c_str()));
    if (!dispatch) throw std::logic_error("a deferred message can't be read: " + dispatch.error().detail);
    publish_cancelled(*dispatch, out, now, row["traceparent"].c_str());
    ++cancelled[dispatch->recipient_hash];
  }
  for (const auto& row : tx.run(orchestrator_sql::forget_recipients, pg::Params().add(std::move(same_hashes)))) {
    events::AuditEvent audit;
    audit.event_id = new_uuid(now);
    audit.occurred_at = now;
    audit.action = erased_reason;
    audit.actor = event_source;
    audit.subject_kind = "recipient";
    audit.subject_id = row["recipient_hash"].c_str();
    audit.outcome = "ERASED";
    audit.details = {{"messages_cancelled", std::to_string(cancelled[audit.subject_id])},
                     {"rate_windows", row["windows"].c_str()},
                     {"suppressions_kept", row["kept"].c_str()}};
    publish(out, audit, now, {});
  }
}

}  // namespace carillon::orchestrator
