#include "orchestrator/app/suppressions.hpp"

#include "orchestrator/app/event_records.hpp"
#include "orchestrator_sql.hpp"
#include "postgres/errors.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::string_view link_source = "link";
constexpr std::string_view not_changed = "UNCHANGED";

Suppression entry_of(const pqxx::row& row) {
  Suppression entry;
  entry.channel = row["channel"].as<std::string>();
  entry.recipient_hash = row["recipient_hash"].as<std::string>();
  entry.category = row["category"].as<std::string>();
  entry.reason = row["reason"].as<std::string>();
  entry.message_id = row["message_id"].as<std::string>();
  entry.source = row["source"].as<std::string>();
  entry.created_at = pg::to_utc(row["created_at"].as<std::string>());
  return entry;
}

template <class T>
void add_or_null(pg::Params& params, const std::optional<T>& value) {
  value ? params.add(*value) : params.add_null();
}

pg::Array array_of(const std::vector<std::string>& texts) {
  pg::Array array;
  for (const std::string& text : texts) array.add(text);
  return array;
}

template <class T>
pg::Array only(const T& value) {
  pg::Array array;
  array.add(value);
  return array;
}

events::AuditEvent audit_of(std::string action, std::string actor, std::string recipient_hash, events::Channel channel,
                            UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = std::move(action);
  audit.actor = std::move(actor);
  audit.subject_kind = "recipient";
  audit.subject_id = std::move(recipient_hash);
  audit.details = {{"channel", events::enum_name(channel)}};
  return audit;
}

}  // namespace

SuppressionPage Suppressions::list(const SuppressionFilter& filter) {
  pg::Params params;
  add_or_null(params, filter.channel);
  filter.hashes ? params.add(array_of(*filter.hashes)) : params.add_null();
  add_or_null(params, filter.reason);
  if (filter.after) {
    params.add(filter.after->created_at).add(filter.after->channel);
    params.add(filter.after->recipient_hash).add(filter.after->category);
  } else {
    params.add_null().add_null().add_null().add_null();
  }
  params.add(filter.limit + 1);
  SuppressionPage page;
  auto connection = pool_.take();
  for (const auto& row : connection->run(orchestrator_sql::list_suppressions, params))
    page.items.push_back(entry_of(row));
  if (page.items.size() > static_cast<std::size_t>(filter.limit)) {
    page.items.pop_back();
    const Suppression& last = page.items.back();
    page.next = SuppressionPlace{last.created_at, last.channel, last.recipient_hash, last.category};
  }
  return page;
}

AddedSuppression Suppressions::add(const SuppressionOrder& order, const std::string& actor,
                                   std::string_view traceparent) {
  const UtcTime now = clock_.now();
  const std::string hash = hash_of(order, sealer_);
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto rows =
      tx.run(orchestrator_sql::add_suppression,
             pg::Params().add(events::enum_name(order.channel)).add(hash).add(order.reason).add(now).add(actor));
  if (rows.empty()) throw pg::Conflict("the recipient was suppressed at the same moment");
  AddedSuppression added{entry_of(rows[0]), rows[0]["is_new"].as<bool>()};
  events::AuditEvent audit = audit_of("RECIPIENT_SUPPRESSED", actor, hash, order.channel, now);
  audit.outcome = added.is_new ? "SUPPRESSED" : not_changed;
  audit.reason = order.reason;
  commit(tx, audit, now, traceparent);
  return added;
}

int Suppressions::lift(const SuppressionLift& lift, const std::string& actor, std::string_view traceparent) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  pg::Params params;
  params.add(events::enum_name(lift.channel)).add(array_of(lift.hashes));
  const bool whole = lift.category.empty();
  if (!whole) params.add(lift.category);
  const auto rows =
      tx.run(whole ? orchestrator_sql::remove_suppressions : orchestrator_sql::remove_unsubscribes, params);
  const std::string hash = rows.empty() ? lift.hashes.front() : rows[0]["recipient_hash"].as<std::string>();
  events::AuditEvent audit =
      audit_of(whole ? "RECIPIENT_SUPPRESSION_LIFTED" : "RECIPIENT_UNSUBSCRIBE_LIFTED", actor, hash, lift.channel, now);
  audit.outcome = rows.empty() ? not_changed : "LIFTED";
  if (!whole) audit.details["category"] = lift.category;
  commit(tx, audit, now, traceparent);
  return static_cast<int>(rows.size());
}

void Suppressions::unsubscribe(const UnsubscribeTicket& ticket, std::string_view traceparent) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto added = tx.run(orchestrator_sql::add_unsubscribes, pg::Params()
                                                                    .add(only(events::enum_name(ticket.channel)))
                                                                    .add(only(ticket.recipient_hash))
                                                                    .add(only(ticket.category))
                                                                    .add(only(unsubscribe_reason))
                                                                    .add(only(ticket.message_id))
                                                                    .add(only(link_source))
                                                                    .add(only(now)));
  if (added.empty()) return;
  events::AuditEvent audit =
      audit_of("RECIPIENT_UNSUBSCRIBED", "recipient", ticket.recipient_hash, ticket.channel, now);
  audit.outcome = "UNSUBSCRIBED";
  audit.reason = unsubscribe_reason;
  audit.details["category"] = ticket.category;
  audit.details["message_id"] = ticket.message_id;
  commit(tx, audit, now, traceparent);
}

void Suppressions::commit(pg::Transaction& tx, const events::AuditEvent& audit, UtcTime now,
                          std::string_view traceparent) {
  bus::Outbox out;
  publish(out, audit, now, traceparent);
  bus_.flush(out, tx);
  tx.commit();
  bus_.wake(out);
}

}  // namespace carillon::orchestrator
