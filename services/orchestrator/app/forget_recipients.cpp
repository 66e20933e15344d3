#include "orchestrator/app/forget_recipients.hpp"

#include <map>

#include "events/json.hpp"
#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view erased_reason = "RECIPIENT_ERASED";

// `message` is a Dispatch or a SendRequest.
template <class Message>
events::MessageEvent cancelled_event(const std::string& id, const Message& message, UtcTime now) {
  events::MessageEvent event;
  event.message_id = id;
  event.status = events::Status::CANCELLED;
  event.occurred_at = now;
  event.template_key = message.template_key;
  event.template_version = message.template_version;
  event.priority = message.priority;
  event.client_id = message.client_id;
  event.reason = erased_reason;
  event.source = message.source;
  event.accepted_at = message.accepted_at;
  return event;
}

// What ends the messages that were taken out of their queues, in one go.
class Cancelled {
 public:
  explicit Cancelled(UtcTime now) : now_(now) {}

  void add(const events::MessageEvent& event, std::string_view recipient_hash, bool rate_window_taken,
           std::string_view traceparent, bus::Outbox& out) {
    publish(out, event, now_, traceparent);
    publish(out, decision_audit(event, now_), now_, traceparent);
    ids_.add(event.message_id);
    sources_.add(event.source);
    if (rate_window_taken) windows_.add(event.message_id);
    alerts_.add(event);
    ++of_recipient_[std::string(recipient_hash)];
  }

  void store(pg::Transaction& tx) {
    if (windows_.size() > 0) tx.run(orchestrator_sql::release_rate_windows, pg::Params().add(std::move(windows_)));
    if (ids_.size() > 0)
      tx.run(orchestrator_sql::add_cancelled, pg::Params().add(std::move(ids_)).add(std::move(sources_)).add(now_));
    alerts_.store(tx);
  }

  int of(const std::string& recipient_hash) const {
    const auto found = of_recipient_.find(recipient_hash);
    return found == of_recipient_.end() ? 0 : found->second;
  }

 private:
  UtcTime now_;
  pg::Array ids_, sources_, windows_;
  AlertOutcomes alerts_;
  std::map<std::string, int> of_recipient_;
};

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

Cancelled cancel_waiting(std::span<const events::Feedback> orders, pg::Transaction& tx, bus::Outbox& out, UtcTime now) {
  Cancelled cancelled(now);
  for (const auto& row : tx.run(orchestrator_sql::take_deferred_of, pg::Params().add(hashes_in(orders)))) {
    const auto dispatch = read<events::Dispatch>(row["dispatch"]);
    events::MessageEvent event = cancelled_event(dispatch.message_id, dispatch, now);
    event.channel = dispatch.channel;
    cancelled.add(event, dispatch.recipient_hash, dispatch.rate_window_taken, row["traceparent"].c_str(), out);
  }
  for (const auto& row : tx.run(orchestrator_sql::take_scheduled_of, pg::Params().add(hashes_in(orders)))) {
    const auto request = read<events::SendRequest>(row["request"]);
    events::MessageEvent event = cancelled_event(row["message_id"].as<std::string>(), request, now);
    if (const std::string_view key = row["template_key"].c_str(); !key.empty()) event.template_key = key;
    events::enum_from_name(row["channel"].c_str(), event.channel);
    cancelled.add(event, row["recipient_hash"].c_str(), false, row["traceparent"].c_str(), out);
  }
  cancelled.store(tx);
  return cancelled;
}

}  // namespace

void forget_recipients(std::span<const events::Feedback> orders, pg::Transaction& tx, bus::Outbox& out, UtcTime now) {
  if (orders.empty()) return;
  const Cancelled cancelled = cancel_waiting(orders, tx, out, now);
  for (const auto& row : tx.run(orchestrator_sql::forget_recipients, pg::Params().add(hashes_in(orders)))) {
    events::AuditEvent audit;
    audit.event_id = new_uuid(now);
    audit.occurred_at = now;
    audit.action = erased_reason;
    audit.actor = event_source;
    audit.subject_kind = "recipient";
    audit.subject_id = row["recipient_hash"].c_str();
    audit.outcome = "ERASED";
    audit.details = {{"messages_cancelled", std::to_string(cancelled.of(audit.subject_id))},
                     {"rate_windows", row["windows"].c_str()},
                     {"suppressions_kept", row["kept"].c_str()}};
    publish(out, audit, now, {});
  }
  tx.run(orchestrator_sql::forget_alert_addresses, pg::Params().add(hashes_in(orders)));
}

}  // namespace carillon::orchestrator
