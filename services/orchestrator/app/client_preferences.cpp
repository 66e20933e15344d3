#include "orchestrator/app/client_preferences.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "orchestrator/app/event_records.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

const std::string& hash_of(const WishesOf& whose) {
  static const std::string all_contacts;
  return whose.recipient_hashes.empty() ? all_contacts : whose.recipient_hashes.front();
}

pg::Array hashes_of(const WishesOf& whose) {
  pg::Array hashes;
  if (whose.recipient_hashes.empty()) hashes.add("");
  for (const std::string& hash : whose.recipient_hashes) hashes.add(hash);
  return hashes;
}

ClientWishes read_in(pg::Transaction& tx, const WishesOf& whose) {
  ClientWishes wishes;
  for (const auto& row :
       tx.run(orchestrator_sql::read_preferences, pg::Params().add(whose.client_id).add(hashes_of(whose)))) {
    Preference one;
    events::enum_from_name(row["channel"].as<std::string>(), one.channel);
    one.scope = row["scope"].as<std::string>();
    one.enabled = row["enabled"].as<bool>();
    wishes.preferences.push_back(std::move(one));
  }
  if (!whose.recipient_hashes.empty()) return wishes;
  for (const auto& row : tx.run(orchestrator_sql::read_quiet_hours, pg::Params().add(whose.client_id)))
    wishes.quiet_hours = QuietHours{std::chrono::minutes(row["start_minute"].as<int>()),
                                    std::chrono::minutes(row["end_minute"].as<int>())};
  return wishes;
}

void replace_preferences(pg::Transaction& tx, const WishesOf& whose, const std::vector<Preference>& preferences,
                         UtcTime now) {
  tx.run(orchestrator_sql::remove_preferences, pg::Params().add(whose.client_id).add(hashes_of(whose)));
  pg::Array channels, scopes, enabled;
  for (const Preference& one : preferences) {
    channels.add(events::enum_name(one.channel));
    scopes.add(one.scope);
    enabled.add(one.enabled);
  }
  if (preferences.empty()) return;
  tx.run(orchestrator_sql::add_preferences, pg::Params()
                                                .add(whose.client_id)
                                                .add(hash_of(whose))
                                                .add(now)
                                                .add(std::move(channels))
                                                .add(std::move(scopes))
                                                .add(std::move(enabled)));
}

void replace_quiet_hours(pg::Transaction& tx, const std::string& client_id, const std::optional<QuietHours>& hours,
                         UtcTime now) {
  if (!hours) {
    tx.run(orchestrator_sql::remove_quiet_hours, pg::Params().add(client_id));
    return;
  }
  tx.run(orchestrator_sql::put_quiet_hours,
         pg::Params().add(client_id).add(hours->start.count()).add(hours->end.count()).add(now));
}

events::AuditEvent audit_of(const WishesOf& whose, const ClientWishes& wishes, const std::string& actor, UtcTime now) {
  events::AuditEvent audit;
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  audit.action = "PREFERENCES_CHANGED";
  audit.actor = actor;
  audit.subject_kind = whose.recipient_hashes.empty() ? "client" : "recipient";
  audit.subject_id = whose.recipient_hashes.empty() ? whose.client_id : hash_of(whose);
  audit.client_id = whose.client_id;
  audit.outcome = "OK";
  const auto off = std::count_if(wishes.preferences.begin(), wishes.preferences.end(),
                                 [](const Preference& one) { return !one.enabled; });
  audit.details["switched_off"] = fmt::to_string(off);
  audit.details["preferences"] = fmt::to_string(wishes.preferences.size());
  if (wishes.quiet_hours) audit.details["quiet_hours"] = to_text(*wishes.quiet_hours);
  return audit;
}

bool is_one_too_many(pg::Transaction& tx, const WishesOf& whose) {
  if (whose.recipient_hashes.empty()) return false;
  const auto count = tx.run(orchestrator_sql::count_recipients_with_preferences, pg::Params().add(whose.client_id));
  return count[0][0].as<std::size_t>() >= recipients_with_preferences_max;
}

}  // namespace

ClientWishes ClientPreferences::read(const WishesOf& whose) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  return read_in(tx, whose);
}

Result<ClientWishes> ClientPreferences::change(const WishesOf& whose, const WishesChange& change,
                                               const std::string& actor, std::string_view traceparent) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  tx.run(orchestrator_sql::lock_preferences, pg::Params().add(whose.client_id));
  if (change.preferences) {
    const bool is_new = read_in(tx, whose).preferences.empty() && !change.preferences->empty();
    if (is_new && is_one_too_many(tx, whose))
      return Failure{"TOO_MANY_RECIPIENTS",
                     fmt::format("{} recipients of this client have preferences already; remove some first",
                                 recipients_with_preferences_max)};
    replace_preferences(tx, whose, *change.preferences, now);
  }
  if (change.sets_quiet_hours) replace_quiet_hours(tx, whose.client_id, change.quiet_hours, now);
  ClientWishes wishes = read_in(tx, whose);
  bus::Outbox out;
  publish(out, audit_of(whose, wishes, actor, now), now, traceparent);
  bus_.flush(out, tx);
  tx.commit();
  bus_.wake(out);
  return wishes;
}

}  // namespace carillon::orchestrator
