// tenant_notifications: reading and writing settings, webhooks sealed and opened on the way, e-mail addresses with the
// reference that they are found by when their owner is to be forgotten.
#pragma once
#include <map>
#include <span>
#include <string>

#include "orchestrator/core/alert_settings.hpp"
#include "postgres/connection.hpp"
#include "security/seal.hpp"

namespace carillon::orchestrator {

// By tenant; those that nobody has saved are missing. One statement.
std::map<std::string, AlertSettings> find_alert_settings(pg::Transaction& tx, std::span<const std::string> tenants,
                                                         const security::Sealer& sealer);
// The row as it stands, held until the transaction ends; made when there is none.
AlertSettings lock_alert_settings(pg::Transaction& tx, const std::string& tenant_id, const std::string& actor,
                                  const security::Sealer& sealer, UtcTime now);
void put_alert_settings(pg::Transaction& tx, const AlertSettings& settings, const security::Sealer& sealer);
// Of addresses that were saved before references were kept.
void add_missing_references(pg::Connection& connection, const security::Sealer& sealer);

}  // namespace carillon::orchestrator
