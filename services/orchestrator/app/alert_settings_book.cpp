#include "orchestrator/app/alert_settings_book.hpp"

#include "orchestrator_sql.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::size_t references_batch_max = 1'000;

std::string seal_context(const std::string& tenant_id) {
  return "tenant_notifications/" + tenant_id;
}

// One whose key was removed is as good as none: the page asks for it anew.
std::string opened(const std::string& sealed, const std::string& tenant_id, const security::Sealer& sealer) {
  if (sealed.empty()) return {};
  auto plain = sealer.open(sealed, seal_context(tenant_id));
  if (plain) return std::move(*plain);
  log::warn("ALERT_WEBHOOK_UNREADABLE", {{"client_id", tenant_id},
                                         {"reason", plain.error().code},
                                         {"hint", "put the removed key behind the others in CARILLON_PAYLOAD_KEY"}});
  return {};
}

AlertSettings settings_of(const pqxx::row& row, const security::Sealer& sealer) {
  AlertSettings settings;
  settings.tenant_id = row["tenant_id"].as<std::string>();
  settings.email = row["email"].as<std::string>();
  settings.slack_webhook = opened(row["slack_webhook_url"].as<std::string>(), settings.tenant_id, sealer);
  settings.toggles = AlertToggles::from_json(row["alerts_json"].as<std::string>());
  settings.updated_at = pg::to_utc(row["updated_at"].as<std::string>());
  settings.updated_by = row["updated_by"].as<std::string>();
  return settings;
}

}  // namespace

std::map<std::string, AlertSettings> find_alert_settings(pg::Transaction& tx, std::span<const std::string> tenants,
                                                         const security::Sealer& sealer) {
  pg::Array ids;
  for (const std::string& tenant : tenants) ids.add(tenant);
  std::map<std::string, AlertSettings> found;
  for (const auto& row : tx.run(orchestrator_sql::find_alert_settings, pg::Params().add(std::move(ids)))) {
    AlertSettings settings = settings_of(row, sealer);
    found.emplace(settings.tenant_id, std::move(settings));
  }
  return found;
}

AlertSettings lock_alert_settings(pg::Transaction& tx, const std::string& tenant_id, const std::string& actor,
                                  const security::Sealer& sealer, UtcTime now) {
  return settings_of(tx.run(orchestrator_sql::lock_alert_settings, pg::Params().add(tenant_id).add(now).add(actor))[0],
                     sealer);
}

void put_alert_settings(pg::Transaction& tx, const AlertSettings& settings, const security::Sealer& sealer) {
  const std::string& webhook = settings.slack_webhook;
  tx.run(orchestrator_sql::put_alert_settings,
         pg::Params()
             .add(settings.tenant_id)
             .add(settings.email)
             .add(webhook.empty() ? "" : sealer.seal(webhook, seal_context(settings.tenant_id)))
             .add(settings.toggles.json())
             .add(*settings.updated_at)
             .add(settings.updated_by)
             .add(settings.email.empty() ? "" : sealer.reference(settings.email)));
}

void add_missing_references(pg::Connection& connection, const security::Sealer& sealer) {
  for (std::size_t found = references_batch_max; found == references_batch_max;) {
    pg::Array tenants, emails, hashes;
    const auto rows = connection.run(orchestrator_sql::find_alert_addresses,
                                     pg::Params().add(static_cast<std::int64_t>(references_batch_max)));
    found = static_cast<std::size_t>(rows.size());
    if (found == 0) return;
    for (const auto& row : rows) {
      const auto email = row["email"].as<std::string>();
      tenants.add(row["tenant_id"].as<std::string>());
      emails.add(email);
      hashes.add(sealer.reference(email));
    }
    connection.run(orchestrator_sql::put_alert_references,
                   pg::Params().add(std::move(tenants)).add(std::move(emails)).add(std::move(hashes)));
  }
}

}  // namespace carillon::orchestrator
