#include "health-aggregator/settings.hpp"

#include "health-aggregator/core/audit_chain.hpp"

namespace carillon::health {

namespace {

void read_spike(service::Settings& settings, HealthSettings& read) {
  constexpr int failures_max = 1'000'000;
  SpikeThreshold &warn = read.spike.warn, &crit = read.spike.crit;
  warn.failures_min = settings.integer("NOTIFICATION_SPIKE_WARN_FAILURES", 10, 1, failures_max,
                                       "OPS and the admins are told (WARN) when so many messages have failed within 15 "
                                       "minutes and NOTIFICATION_SPIKE_WARN_PERCENT is reached.");
  warn.percent_min =
      settings.integer("NOTIFICATION_SPIKE_WARN_PERCENT", 10, 0, 100, "... and this part of what was sent or failed.");
  crit.failures_min = settings.integer("NOTIFICATION_SPIKE_CRIT_FAILURES", 50, 1, failures_max,
                                       "The same for CRIT; not below NOTIFICATION_SPIKE_WARN_FAILURES.");
  crit.percent_min = settings.integer("NOTIFICATION_SPIKE_CRIT_PERCENT", 25, 0, 100,
                                      "The same for CRIT; not below NOTIFICATION_SPIKE_WARN_PERCENT.");
  if (crit.failures_min < warn.failures_min)
    settings.error("NOTIFICATION_SPIKE_CRIT_FAILURES: must not be below NOTIFICATION_SPIKE_WARN_FAILURES");
  if (crit.percent_min < warn.percent_min)
    settings.error("NOTIFICATION_SPIKE_CRIT_PERCENT: must not be below NOTIFICATION_SPIKE_WARN_PERCENT");
  read.spike_interval =
      std::chrono::seconds{settings.integer("NOTIFICATION_SPIKE_CHECK_SECONDS", 300, 1, 3'600,
                                            "How often the failures of the last 15 minutes are looked at.")};
}

}  // namespace

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
  read.recipient_retention =
      std::chrono::days{settings.integer("CARILLON_MESSAGE_LOG_RECIPIENT_RETENTION_DAYS", 30, 1, 3'650,
                                         "Recipients in clear are taken out of message log rows older than this, "
                                         "hourly; masked and as reference they stay.")};
  read.rollup_retention = std::chrono::days{settings.integer("CARILLON_HEALTH_ROLLUP_RETENTION_DAYS", 400, 8, 3'650,
                                                             "Minute counts older than this are deleted, hourly.")};
  read.audit_retention =
      std::chrono::days{settings.integer("CARILLON_AUDIT_RETENTION_DAYS", 2'555, 30, 36'500,
                                         "Audit rows older than this are deleted behind a signed checkpoint, hourly.")};
  read.query_connections = static_cast<int>(settings.integer(
      "CARILLON_HEALTH_QUERY_CONNECTIONS", 4, 1, 64, "Database connections for the health, log and audit pages."));
  read_spike(settings, read);
  return read;
}

}  // namespace carillon::health
