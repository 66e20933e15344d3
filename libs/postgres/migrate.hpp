// Schema migrations: one history per schema, under one advisory lock, with checksums.
#pragma once
#include <span>
#include <string>

#include "postgres/connection.hpp"
#include "postgres/query.hpp"

namespace carillon::pg {

// A schema and the role that may use it. The schema and its tables belong to the migration role (the login of
// `connection`); the service's role is created NOLOGIN-less without password when missing and granted USAGE on the
// schema and SELECT, INSERT, UPDATE, DELETE on its tables (default privileges, so later tables too).
struct Schema {
  std::string name;  // orchestrator, dispatcher, health, identity, bus, ...
  std::string role;  // carillon_orchestrator, ...; "" for schemas without an owner service
  std::span<const Migration> migrations;
};

// Holds the one lock of whatever changes schemas and rights in the database (PostgreSQL refuses two GRANTs on one
// object at the same moment), with time limits that suit such work, and puts both back. Waits up to 60 s for the lock,
// then throws std::runtime_error.
class MigrationLock {
 public:
  explicit MigrationLock(Connection& connection);
  ~MigrationLock();
  MigrationLock(const MigrationLock&) = delete;
  MigrationLock& operator=(const MigrationLock&) = delete;

 private:
  Connection& connection_;
};

// Creates the role when it is missing and lets the login of `connection` act as it. Safe beside others doing the same.
void ensure_role(Connection& connection, const std::string& role);

// Applies what is missing, in order, each migration in its own transaction with search_path = schema name.
// Records name, SHA-256 and time in <schema>.schema_migrations. Throws std::runtime_error naming the migration when a
// file that was applied has changed since, or one fails; earlier ones stay applied. Takes the MigrationLock. Returns
// how many were applied.
int migrate(Connection& connection, const Schema& schema);

}  // namespace carillon::pg
