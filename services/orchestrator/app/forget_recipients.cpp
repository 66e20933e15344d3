#include "orchestrator/app/forget_recipients.hpp"

#include <map>

#include "orchestrator/app/event_records.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view erased_reason = "RECIPIENT_ERASED";

// `message` is a Dispatch or a SendRequest.
template <class Message>
void publish_erased(const std::string& id, const Message& message, events::Channel channel, bus::Outbox& out,
                    UtcTime now, std::string_view traceparent) {
  events::MessageEvent event;
  event.message_id = id;
  event.status = events::Status::CANCELLED;
  event.occurred_at = now;
  event.template_key = message.template_key;
  event.template_version = message.template_version;
  event.channel = channel;
  event.priority = message.priority;
  event.client_id = message.client_id;
  event.reason = erased_reason;
  event.source = message.source;
  event.accepted_at = message.accepted_at;
  publish(out, event, now, traceparent);
  publish(out, decision_audit(event, now), now, traceparent);
}

template <class Message>
Message read(const pqxx::field& stored) {
  auto message = events::from_json<Message>(pg::from_bytea(stored.c_str()));
  if (!message) throw std::logic_error("a message that waits can't be read: " + message.error().detail);
  return std::move(*message);
}

pg::Array hashes_in(std::span<const events::Feedback> orders) {
  pg::Array hashes;
  for (const events::Feedback& order : orders) hashes.add(order.recipient_hash);
  return hashes;
}

// How many there were of each recipient.
std::map<std::string, int> cancel_waiting(std::span<const events::Feedback> orders, pg::Transaction& tx,
                                          bus::Outbox& out, UtcTime now) {
  std::map<std::string, int> cancelled;
  for (const auto& row : tx.run(orchestrator_sql::take_deferred_of, pg::Params().add(hashes_in(orders)))) {
    const auto dispatch = read<events::Dispatch>(row["dispatch"]);
    publish_erased(dispatch.message_id, dispatch, dispatch.channel, out, now, row["traceparent"].c_str());
    ++cancelled[dispatch.recipient_hash];
  }
  for (const auto& row : tx.run(orchestrator_sql::take_scheduled_of, pg::Params().add(hashes_in(orders)))) {
    const auto request = read<events::SendRequest>(row["request"]);
    publish_erased(row["message_id"].c_str(), request, {}, out, now, row["traceparent"].c_str());
    ++cancelled[row["recipient_hash"].c_str()];
  }
  return cancelled;
}

}  // namespace

void forget_recipients(std::span<const events::Feedback> orders, pg::Transaction& tx, bus::Outbox& out, UtcTime now) {
  if (orders.empty()) return;
  auto cancelled = cancel_waiting(orders, tx, out, now);
  for (const auto& row : tx.run(orchestrator_sql::forget_recipients, pg::Params().add(hashes_in(orders)))) {
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
