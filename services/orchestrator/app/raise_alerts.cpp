#include "orchestrator/app/raise_alerts.hpp"

#include "events/cloud_events.hpp"
#include "orchestrator/app/alert_messages.hpp"
#include "orchestrator/app/alert_settings_book.hpp"
#include "orchestrator/core/alert_thresholds.hpp"
#include "orchestrator/core/metrics_snapshot.hpp"
#include "orchestrator_sql.hpp"
#include "service/failpoint.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

struct Snapshot {
  events::TenantMetrics metrics;
  std::string traceparent;
};

struct Tenant {
  AlertSettings settings;
  AlertMemory memory;
};
using Tenants = std::map<std::string, Tenant>;

Result<Snapshot> read_snapshot(const bus::Received& received) {
  auto event = events::read_cloud_event(received.record.headers, received.record.value);
  if (!event) return event.error();
  auto metrics = events::from_json<events::TenantMetrics>(event->data);
  if (!metrics) return metrics.error();
  if (metrics->tenant_id.empty()) return Failure{"INVALID_FIELD", "tenant_id: is required"};
  if (!is_uuid(metrics->snapshot_id)) return Failure{"INVALID_FIELD", "snapshot_id: must be a UUID"};
  if (!metrics->metrics) return Failure{"INVALID_FIELD", "metrics: is required"};
  if (!metrics->accepted_at) metrics->accepted_at = received.published_at;
  if (auto bad = find_invalid_metric(*metrics->metrics, *metrics->accepted_at)) return *bad;
  return Snapshot{std::move(*metrics), std::move(event->traceparent)};
}

std::optional<AlertType> find_type(std::string_view name) {
  for (const AlertKind& kind : alert_kinds) {
    if (kind.name == name) return kind.type;
  }
  return std::nullopt;
}

pg::Array ids_of(const Tenants& tenants) {
  pg::Array ids;
  for (const auto& [id, tenant] : tenants) ids.add(id);
  return ids;
}

// Tenants without settings have no alerts, so there is nothing to remember about them.
Tenants tenants_of(const std::vector<Snapshot>& snapshots, pg::Transaction& tx, const security::Sealer& sealer) {
  std::set<std::string> ids;
  for (const Snapshot& one : snapshots) ids.insert(one.metrics.tenant_id);
  const std::vector<std::string> listed(ids.begin(), ids.end());
  Tenants tenants;
  for (auto& [id, settings] : find_alert_settings(tx, listed, sealer)) tenants[id].settings = std::move(settings);
  return tenants;
}

void remember_levels(Tenants& tenants, pg::Transaction& tx) {
  for (const auto& row : tx.run(orchestrator_sql::read_alert_levels, pg::Params().add(ids_of(tenants)))) {
    if (const auto type = find_type(row["type"].as<std::string>()))
      tenants.at(row["tenant_id"].as<std::string>()).memory.levels[*type] = {
          row["raised"].as<bool>(), pg::to_utc(row["observed_at"].as<std::string>())};
  }
}

void remember_items(const std::vector<Snapshot>& snapshots, Tenants& tenants, pg::Transaction& tx) {
  pg::Array ids, types, items;
  for (const Snapshot& one : snapshots) {
    if (!tenants.contains(one.metrics.tenant_id)) continue;
    for (const auto& [type, item] : items_of(one.metrics)) {
      ids.add(one.metrics.tenant_id);
      types.add(kind_of(type).name);
      items.add(item);
    }
  }
  if (ids.size() == 0) return;
  const auto params = pg::Params().add(std::move(ids)).add(std::move(types)).add(std::move(items));
  for (const auto& row : tx.run(orchestrator_sql::find_alert_items, params)) {
    if (const auto type = find_type(row[1].as<std::string>()))
      tenants.at(row[0].as<std::string>()).memory.items.emplace(*type, row[2].as<std::string>());
  }
}

void remember_sent(Tenants& tenants, pg::Transaction& tx, UtcTime now) {
  pg::Array types;
  for (std::size_t i = 0; i < alert_toggles_count; ++i) types.add(alert_kinds[i].name);
  const auto params = pg::Params().add(ids_of(tenants)).add(std::move(types)).add(now - alert_debounce).add(now);
  for (const auto& row : tx.run(orchestrator_sql::find_recent_alerts, params)) {
    if (const auto type = find_type(row[1].as<std::string>()))
      tenants.at(row[0].as<std::string>()).memory.last_sent[*type] = pg::to_utc(row[2].as<std::string>());
  }
}

void keep_levels(const Tenants& tenants, pg::Transaction& tx) {
  pg::Array ids, types, raised, times;
  for (const auto& [id, tenant] : tenants) {
    for (const AlertType type : tenant.memory.changed_levels) {
      ids.add(id);
      types.add(kind_of(type).name);
      raised.add(tenant.memory.levels.at(type).raised);
      times.add(tenant.memory.levels.at(type).observed_at);
    }
  }
  if (ids.size() == 0) return;
  tx.run(orchestrator_sql::put_alert_levels,
         pg::Params().add(std::move(ids)).add(std::move(types)).add(std::move(raised)).add(std::move(times)));
}

void keep_items(const Tenants& tenants, pg::Transaction& tx, UtcTime now) {
  pg::Array ids, types, items;
  for (const auto& [id, tenant] : tenants) {
    for (const auto& [type, item] : tenant.memory.new_items) {
      ids.add(id);
      types.add(kind_of(type).name);
      items.add(item);
    }
  }
  if (ids.size() == 0) return;
  tx.run(orchestrator_sql::add_alert_items,
         pg::Params().add(std::move(ids)).add(std::move(types)).add(std::move(items)).add(now));
}

}  // namespace

RaiseAlerts::RaiseAlerts(const Facts& facts, const Clock& clock, metrics::Registry& metrics,
                         std::function<bool()> ready)
    : facts_(facts), clock_(clock), ready_(std::move(ready)) {
  for (std::size_t i = 0; i < alert_toggles_count; ++i) {
    const auto counter = [&](const char* result) {
      return metrics.counter("carillon_tenant_alerts_total", "Alerts that followed from tenants' snapshots",
                             {{"type", std::string(alert_kinds[i].name)}, {"result", result}});
    };
    raised_[alert_kinds[i].type] = counter("raised");
    held_back_[alert_kinds[i].type] = counter("debounced");
  }
}

void RaiseAlerts::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  const UtcTime now = clock_.now();
  std::vector<Snapshot> snapshots;
  for (const bus::Received& received : batch) {
    auto snapshot = read_snapshot(received);
    if (snapshot) {
      snapshots.push_back(std::move(*snapshot));
    } else {
      out.dead_letter(bus::topics::tenant_alerts, received, snapshot.error().code, snapshot.error().detail, now);
    }
  }
  Tenants tenants = tenants_of(snapshots, tx, facts_.sealer);
  if (tenants.empty()) return;
  remember_levels(tenants, tx);
  remember_items(snapshots, tenants, tx);
  remember_sent(tenants, tx, now);
  std::vector<AlertTry> tries;
  for (const Snapshot& one : snapshots) {
    const auto tenant = tenants.find(one.metrics.tenant_id);
    if (tenant == tenants.end()) continue;
    auto& [settings, memory] = tenant->second;
    const Judgement judgement = judge(one.metrics, settings.toggles, memory, now);
    for (const AlertType type : judgement.held_back) held_back_.at(type).add();
    for (const Alert& alert : judgement.alerts) {
      raised_.at(alert.type).add();
      for (AlertTry& each :
           ask_for_alert(alert, settings, "snapshot " + one.metrics.snapshot_id, facts_, out, now, one.traceparent))
        tries.push_back(std::move(each));
    }
  }
  keep_levels(tenants, tx);
  keep_items(tenants, tx, now);
  add_alert_tries(tries, tx, now);
  failpoint("orchestrator.alerts.before_commit");
}

}  // namespace carillon::orchestrator
