#include "health-aggregator/settings.hpp"

#include "health-aggregator/core/audit_chain.hpp"

namespace carillon::health {

HealthSettings HealthSettings::read(service::Settings& settings) {
  HealthSettings read;
  const std::string key =
      settings.required("CARILLON_AUDIT_KEY",
                        "Key of the audit log's hash chain: 32 bytes as hex or base64. Keep it outside "
                        "the database; `carillon audit verify` needs it.",
                        service::Secret::YES);
  if (!key.empty()) {
    auto bytes = read_audit_key(key);
    if (bytes) {
      read.audit_key = *bytes;
    } else {
      settings.error("CARILLON_AUDIT_KEY: " + bytes.error().detail);
    }
  }
  read.message_log_retention = std::chrono::days{settings.integer(
      "CARILLON_MESSAGE_LOG_RETENTION_DAYS", 90, 1, 3'650, "Message log rows older than this are deleted, hourly.")};
  read.rollup_retention = std::chrono::days{settings.integer("CARILLON_HEALTH_ROLLUP_RETENTION_DAYS", 400, 8, 3'650,
                                                             "Minute counts older than this are deleted, hourly.")};
  read.audit_retention =
      std::chrono::days{settings.integer("CARILLON_AUDIT_RETENTION_DAYS", 2'555, 30, 36'500,
                                         "Audit rows older than this are deleted behind a signed checkpoint, hourly.")};
  read.query_connections = static_cast<int>(settings.integer(
      "CARILLON_HEALTH_QUERY_CONNECTIONS", 4, 1, 64, "Database connections for the health, log and audit pages."));
  return read;
}

}  // namespace carillon::health
