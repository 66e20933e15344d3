// Every CARILLON_* name that some program of the project reads from the environment, sorted. One process reads only a
// part; a name that is not here is a typing error and refuses to start.
#pragma once
#include <array>
#include <string_view>

namespace carillon::service {

inline constexpr std::array<std::string_view, 38> known_names{
    "CARILLON_ADMIN_EMAIL",
    "CARILLON_API_KEY",
    "CARILLON_AUDIT_KEY",
    "CARILLON_AUDIT_RETENTION_DAYS",
    "CARILLON_BIN",
    "CARILLON_BIN_DIR",
    "CARILLON_BUS_PARTITIONS",
    "CARILLON_BUS_RETENTION_HOURS",
    "CARILLON_CONSOLE_FILE",
    "CARILLON_DATABASE_URL",
    "CARILLON_DEMO_PASSWORD",
    "CARILLON_DEMO_TENANT",
    "CARILLON_FAILPOINTS",
    "CARILLON_HEALTH_QUERY_CONNECTIONS",
    "CARILLON_HEALTH_ROLLUP_RETENTION_DAYS",
    "CARILLON_HTTP_ADDRESS",
    "CARILLON_HTTP_PORT",
    "CARILLON_HTTP_WORKERS",
    "CARILLON_INSTANCE",
    "CARILLON_IO_THREADS",
    "CARILLON_KAFKA_BROKERS",
    "CARILLON_LOG_LEVEL",
    "CARILLON_MESSAGE_LOG_RETENTION_DAYS",
    "CARILLON_MIGRATE",
    "CARILLON_OWNER_EMAIL",
    "CARILLON_PAYLOAD_KEY",
    "CARILLON_PORT_FILE",
    "CARILLON_RESULTS",
    "CARILLON_SANDBOX",
    "CARILLON_SANDBOX_ADDRESS",
    "CARILLON_SANDBOX_INBOX_MAX",
    "CARILLON_SANDBOX_PORT",
    "CARILLON_SANDBOX_SMTP_PORT",
    "CARILLON_SANDBOX_URL",
    "CARILLON_STAFF_EMAIL",
    "CARILLON_STOP_GRACE_SECONDS",
    "CARILLON_TEST_DATABASE_URL",
    "CARILLON_URL",
};

}  // namespace carillon::service
