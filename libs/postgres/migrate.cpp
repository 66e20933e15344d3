#include "postgres/migrate.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <map>
#include <stdexcept>

#include "migration_sql.hpp"
#include "postgres/errors.hpp"

namespace carillon::pg {
namespace {

constexpr int lock_wait_seconds = 60;
constexpr int migration_seconds_max = 600;
constexpr int role_tries_max = 10;  // roles belong to the whole server: others may make the same one right now

void check_name(const std::string& name) {
  if (name.empty() || name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos) {
    throw std::invalid_argument("schema and role names are lower-case letters, digits and underscores: " + name);
  }
}

std::string sha256_hex(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

std::map<std::string, std::string> prepare_schema(Connection& connection, const Schema& schema) {
  Transaction tx(connection);
  tx.run(fmt::format("CREATE SCHEMA IF NOT EXISTS {0}; SET LOCAL search_path = {0}", schema.name));
  if (!schema.role.empty()) {
    tx.run(
        fmt::format("GRANT USAGE ON SCHEMA {0} TO {1};"
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {1};"
                    "ALTER DEFAULT PRIVILEGES IN SCHEMA {0} GRANT USAGE, SELECT ON SEQUENCES TO {1}",
                    schema.name, schema.role));
  }
  tx.run(
      "CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, sha256 text NOT NULL, "
      "applied_at timestamptz NOT NULL DEFAULT now())");
  if (!schema.role.empty()) tx.run("REVOKE INSERT, UPDATE, DELETE ON schema_migrations FROM " + schema.role);
  std::map<std::string, std::string> applied;
  for (const auto& row : tx.run(migration_sql::applied_migrations)) applied[row[0].c_str()] = row[1].c_str();
  tx.commit();
  return applied;
}

void apply(Connection& connection, const Schema& schema, const Migration& migration, const std::string& sha256) {
  try {
    Transaction tx(connection);
    tx.run("SET LOCAL search_path = " + schema.name);
    tx.run(std::string(migration.text));
    tx.run("SET LOCAL search_path = " + schema.name);  // the migration may have left another
    tx.run(migration_sql::record_migration, Params().add(migration.name).add(sha256));
    tx.commit();
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("migration {} of schema {} failed: {}", migration.name, schema.name, error.what()));
  }
}

}  // namespace

MigrationLock::MigrationLock(Connection& connection) : connection_(connection) {
  connection_.run(fmt::format(
      "SET lock_timeout = '{0}s'; SET statement_timeout = '{1}s'; SET idle_in_transaction_session_timeout = '{1}s'",
      lock_wait_seconds, migration_seconds_max));
  try {
    connection_.run(migration_sql::lock_migrations);
  } catch (const Conflict&) {
    throw std::runtime_error(
        fmt::format("another process has been migrating this database for more than {} s", lock_wait_seconds));
  }
}

MigrationLock::~MigrationLock() {
  try {
    connection_.run(migration_sql::unlock_migrations);
    connection_.run("RESET lock_timeout; RESET statement_timeout; RESET idle_in_transaction_session_timeout");
  } catch (const std::exception&) {
    connection_.close();  // ends the session and with it the lock
  }
}

void ensure_role(Connection& connection, const std::string& role) {
  check_name(role);
  for (int attempt = 1;; ++attempt) {
    try {
      if (!connection.run(migration_sql::role_exists, Params().add(role))[0][0].as<bool>())
        connection.run("CREATE ROLE " + role + " LOGIN");
      if (!connection.run(migration_sql::may_act_as, Params().add(role))[0][0].as<bool>())
        connection.run("GRANT " + role + " TO CURRENT_USER");
      return;
    } catch (const StatementError& error) {
      // Somebody else was faster: duplicate_object, unique_violation, "tuple concurrently updated".
      const bool raced = error.sqlstate == "42710" || error.sqlstate == "23505" || error.sqlstate == "XX000";
      if (!raced || attempt == role_tries_max) throw;
    }
  }
}

int migrate(Connection& connection, const Schema& schema) {
  check_name(schema.name);
  if (!schema.role.empty()) ensure_role(connection, schema.role);
  const MigrationLock lock(connection);
  const std::map<std::string, std::string> applied = prepare_schema(connection, schema);
  int count = 0;
  for (const Migration& migration : schema.migrations) {
    const std::string sha256 = sha256_hex(migration.text);
    const auto known = applied.find(migration.name);
    if (known == applied.end()) {
      apply(connection, schema, migration, sha256);
      ++count;
    } else if (known->second != sha256) {
      throw std::runtime_error(fmt::format(
          "migration {} of schema {} was applied with other content; applied files never change, add a new one",
          migration.name, schema.name));
    }
  }
  return count;
}

}  // namespace carillon::pg
