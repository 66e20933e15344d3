#include "orchestrator/app/edit_alerts.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "orchestrator/app/alert_messages.hpp"
#include "orchestrator/app/alert_settings_book.hpp"
#include "orchestrator/app/event_records.hpp"
#include "orchestrator/core/alert_thresholds.hpp"
#include "orchestrator_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::chrono::milliseconds look_interval{25};

events::AuditEvent audit_of(std::string action, const AlertAsker& asker, std::string outcome) {
  events::AuditEvent audit;
  audit.action = std::move(action);
  audit.actor = asker.actor;
  audit.subject_kind = "client";
  audit.subject_id = asker.tenant_id;
  audit.client_id = asker.tenant_id;
  audit.outcome = std::move(outcome);
  return audit;
}

int count_tests(pg::Transaction& tx, const std::string& tenant_id, UtcTime now) {
  tx.run(orchestrator_sql::lock_alert_tests, pg::Params().add(tenant_id));
  const auto params = pg::Params().add(tenant_id).add(kind_of(AlertType::TEST).name).add(now - alert_debounce);
  return tx.run(orchestrator_sql::count_alert_tests, params)[0][0].as<int>();
}

}  // namespace

AlertSettings EditAlerts::find(const std::string& tenant_id) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  auto found = find_alert_settings(tx, std::span(&tenant_id, 1), facts_.sealer);
  if (!found.empty()) return std::move(found.begin()->second);
  AlertSettings none;
  none.tenant_id = tenant_id;
  return none;
}

ChannelState EditAlerts::state_of(const AlertSettings& settings, events::Channel channel) const {
  if (settings.address_on(channel).empty()) return ChannelState::NO_ADDRESS;
  const ProviderFacts provider = facts_.providers.facts(channel);
  return provider.channel_enabled && provider.any_configured ? ChannelState::READY : ChannelState::NOT_CONFIGURED;
}

AlertSettings EditAlerts::save(const AlertAsker& asker, const AlertChange& change) {
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  AlertSettings settings = lock_alert_settings(tx, asker.tenant_id, asker.actor, facts_.sealer, now);
  const std::string changed = apply(change, settings);
  if (!changed.empty()) {
    settings.updated_at = now;
    settings.updated_by = asker.actor;
    put_alert_settings(tx, settings, facts_.sealer);
  }
  events::AuditEvent audit = audit_of("ALERT_SETTINGS_CHANGED", asker, changed.empty() ? "UNCHANGED" : "CHANGED");
  if (!changed.empty()) audit.details["fields"] = changed;
  bus::Outbox out;
  commit(tx, out, std::move(audit), now, asker);
  return settings;
}

Result<AlertLogPage> EditAlerts::send_test(const AlertAsker& asker) {
  const UtcTime now = clock_.now();
  std::vector<std::string> message_ids;
  {
    auto connection = pool_.take();
    pg::Transaction tx(*connection);
    if (count_tests(tx, asker.tenant_id, now) >= alert_tests_max)
      return Failure{"TOO_MANY_TESTS", "there were " + std::to_string(alert_tests_max) + " tests in the last " +
                                           std::to_string(alert_debounce.count()) + " minutes; try again later"};
    AlertSettings settings;
    settings.tenant_id = asker.tenant_id;
    auto found = find_alert_settings(tx, std::span(&asker.tenant_id, 1), facts_.sealer);
    if (!found.empty()) settings = std::move(found.begin()->second);
    bus::Outbox out;
    const auto tries =
        ask_for_alert({AlertType::TEST, {}}, settings, "asked by hand", facts_, out, now, asker.traceparent);
    add_alert_tries(tries, tx, now);
    for (const AlertTry& one : tries) message_ids.push_back(one.message_id);
    commit(tx, out, audit_of("ALERT_TEST_SENT", asker, "ACCEPTED"), now, asker);
  }
  wait_decided(message_ids);
  AlertLogPage page = log(asker.tenant_id, {});
  std::erase_if(page.items, [&](const AlertLogEntry& entry) {
    return std::find(message_ids.begin(), message_ids.end(), entry.message_id) == message_ids.end();
  });
  return page;
}

AlertLogPage EditAlerts::log(const std::string& tenant_id, const AlertLogQuery& query) {
  auto connection = pool_.take();
  return list_alert_log(*connection, tenant_id, query);
}

void EditAlerts::note_refused(const std::string& account_id, const AlertAsker& asker, std::string_view what,
                              std::string_view code) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  events::AuditEvent audit = audit_of("ALERT_SETTINGS_REFUSED", asker, "REFUSED");
  audit.subject_kind = "account";
  audit.subject_id = account_id;
  audit.reason = code;
  audit.details["what"] = what;
  commit(tx, out, std::move(audit), clock_.now(), asker);
}

void EditAlerts::commit(pg::Transaction& tx, bus::Outbox& out, events::AuditEvent audit, UtcTime now,
                        const AlertAsker& asker) {
  audit.event_id = new_uuid(now);
  audit.occurred_at = now;
  publish(out, audit, now, asker.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
}

// Another instance may decide them, so it is the table that is looked at.
void EditAlerts::wait_decided(const std::vector<std::string>& message_ids) {
  std::mutex mutex;
  std::condition_variable nobody;
  std::unique_lock lock(mutex);
  const SteadyTime until = clock_.steady() + alert_decision_wait_max;
  while (clock_.steady() < until) {
    pg::Array ids;
    for (const std::string& id : message_ids) ids.add(id);
    {
      auto connection = pool_.take();
      const auto params = pg::Params().add(std::move(ids));
      if (connection->run(orchestrator_sql::count_pending_alerts, params)[0][0].as<int>() == 0) return;
    }
    nobody.wait_for(lock, look_interval);
  }
}

}  // namespace carillon::orchestrator
