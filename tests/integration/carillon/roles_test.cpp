// Every service's role, logged in as itself, tries everything that is not its own (docs/architecture.md, "Who owns
// what"). What is allowed is written down here; what is not has to be refused by PostgreSQL.
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <span>

#include "billing-ingest/service.hpp"
#include "bus/topics.hpp"
#include "carillon/platform_services.hpp"
#include "health-aggregator/service.hpp"
#include "orchestrator/service.hpp"
#include "otp/service.hpp"
#include "postgres/errors.hpp"
#include "postgres/testing/test_database.hpp"
#include "provider-dispatcher/service.hpp"
#include "provisioning/service.hpp"

using namespace carillon;

namespace {

constexpr std::string_view denied = "42501";       // insufficient_privilege
constexpr std::string_view not_a_table = "42809";  // wrong_object_type: a view has no rows of its own

using Rights = std::set<std::string>;
const Rights none;

struct Part {
  pg::Schema schema;
  std::span<const bus::Topic> writes, reads;
  std::map<std::string, Rights> more = {};  // tables of no service, by "schema.table"
};

std::vector<Part> all_parts() {
  const Rights kept{"SELECT", "INSERT", "UPDATE", "DELETE"};
  return {
      {orchestrator::schema(),
       orchestrator::topics_written(),
       orchestrator::topics_read(),
       {{"attachments.files", {"SELECT", "INSERT", "DELETE"}}}},
      {dispatcher::schema(),
       dispatcher::topics_written(),
       dispatcher::topics_read(),
       {{"attachments.files", {"SELECT"}}}},
      {health::schema(), health::topics_written(), health::topics_read()},
      {otp::schema(), otp::topics_written(), otp::topics_read()},
      {billing::schema(), billing::topics_written(), billing::topics_read()},
      {provisioning::schema(),
       provisioning::topics_written(),
       provisioning::topics_read(),
       {{"identity.accounts", kept},
        {"identity.sessions", kept},
        {"identity.password_links", kept},
        {"identity.login_attempts", kept},
        {"attachments.files", {"INSERT"}}}},
  };
}

struct Table {
  std::string schema, name, first_column;
  std::string full() const { return schema + "." + name; }
};

std::vector<Table> all_tables(pg::Connection& owner) {
  std::vector<Table> tables;
  for (const auto& row : owner.run("SELECT n.nspname, c.relname, a.attname FROM pg_class c "
                                   "JOIN pg_namespace n ON n.oid = c.relnamespace "
                                   "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1 "
                                   "WHERE c.relkind IN ('r', 'p', 'v', 'm') AND n.nspname NOT LIKE 'pg\\_%' "
                                   "AND n.nspname <> 'information_schema' ORDER BY 1, 2"))
    tables.push_back({row[0].c_str(), row[1].c_str(), row[2].c_str()});
  return tables;
}

Rights allowed(const Part& part, const Table& table) {
  if (const auto found = part.more.find(table.full()); found != part.more.end()) return found->second;
  if (table.full() == "identity.api_keys" || table.full() == "identity.accounts" || table.full() == "identity.sessions")
    return {"SELECT"};
  // Positions of relays. A row security policy refuses rows of no topic, such as the one that is tried.
  if (table.full() == "bus.bus_offsets") return {"SELECT", "UPDATE"};
  if (table.schema != "bus") return none;
  Rights rights;
  for (const bus::Topic& topic : part.writes)
    if (topic.table == table.name) rights.insert({"SELECT", "INSERT"});
  for (const bus::Topic& topic : part.reads) {
    if (topic.table == table.name) rights.insert("SELECT");
    if (bus::dead_letter_topic(topic).table == table.name && topic.table != table.name)
      rights.insert({"SELECT", "INSERT"});
  }
  return rights;
}

// Whether PostgreSQL lets the session run it; the statement's own errors come after that. Nothing stays.
bool may(pg::Connection& session, const std::string& statement) {
  pg::Transaction tx(session);
  try {
    tx.run(statement);
    return true;
  } catch (const pg::StatementError& error) {
    return error.sqlstate != denied && error.sqlstate != not_a_table;
  }
}

std::map<std::string, std::string> tries(const Table& table) {
  return {{"SELECT", "SELECT FROM " + table.full() + " LIMIT 0"},
          {"INSERT", "INSERT INTO " + table.full() + " DEFAULT VALUES"},
          {"UPDATE", "UPDATE " + table.full() + " SET " + table.first_column + " = DEFAULT WHERE false"},
          {"DELETE", "DELETE FROM " + table.full() + " WHERE false"},
          {"TRUNCATE", "TRUNCATE " + table.full()},
          {"ALTER", "ALTER TABLE " + table.full() + " ADD COLUMN mine integer"},
          {"DROP", "DROP TABLE " + table.full()}};
}

pg::Connection logged_in(const carillon::testing::TestDatabase& database, const std::string& role) {
  pg::ConnectionSettings settings = carillon::testing::settings_of(database);
  const auto at = settings.url.find('@'), user = settings.url.find("//") + 2;
  settings.url.replace(user, at - user, role);
  return pg::Connection(settings);
}

struct Platform {
  carillon::testing::TestDatabase database{"platform", [](pg::Connection& owner) { migrate_platform(owner); }};
  pg::Connection owner{carillon::testing::settings_of(database)};
};

}  // namespace

TEST_CASE("roles: each service's role can do with others' tables what is written down, and nothing else") {
  Platform platform;
  const auto tables = all_tables(platform.owner);
  REQUIRE(tables.size() > 40);
  for (const Part& part : all_parts()) {
    auto session = logged_in(platform.database, part.schema.role);
    REQUIRE(session.run("SELECT session_user")[0][0].c_str() == part.schema.role);
    for (const Table& table : tables) {
      if (table.schema == part.schema.name) continue;
      Rights found;
      for (const auto& [right, statement] : tries(table))
        if (may(session, statement)) found.insert(right);
      CAPTURE(part.schema.role, table.full());
      CHECK(found == allowed(part, table));
    }
  }
}

TEST_CASE("roles: a role uses its own tables, and can neither change their shape nor make or remove any") {
  Platform platform;
  const auto tables = all_tables(platform.owner);
  for (const Part& part : all_parts()) {
    auto session = logged_in(platform.database, part.schema.role);
    std::size_t own = 0;
    for (const Table& table : tables) {
      if (table.schema != part.schema.name) continue;
      ++own;
      CAPTURE(part.schema.role, table.full());
      CHECK(may(session, "SELECT FROM " + table.full() + " LIMIT 0"));
      for (const char* right : {"TRUNCATE", "ALTER", "DROP"}) CHECK_FALSE(may(session, tries(table).at(right)));
    }
    CHECK(own > 1);
  }
}

TEST_CASE("roles: a role makes no table, schema, function or role anywhere, and becomes nobody else") {
  Platform platform;
  std::vector<std::string> schemas;
  for (const auto& row : platform.owner.run("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'"))
    schemas.emplace_back(row[0].c_str());
  const auto parts = all_parts();
  for (const Part& part : parts) {
    auto session = logged_in(platform.database, part.schema.role);
    CAPTURE(part.schema.role);
    for (const std::string& schema : schemas) {
      CAPTURE(schema);
      CHECK_FALSE(may(session, "CREATE TABLE " + schema + ".mine (a integer)"));
      CHECK_FALSE(may(session, "CREATE FUNCTION " + schema + ".mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'"));
    }
    for (const char* statement : {"CREATE SCHEMA mine", "CREATE ROLE mine", "SET ROLE postgres",
                                  "COPY (SELECT 1) TO PROGRAM 'true'", "SELECT pg_read_file('/etc/hostname')"})
      CHECK_FALSE(may(session, statement));
    for (const Part& other : parts)
      if (other.schema.role != part.schema.role) CHECK_FALSE(may(session, "SET ROLE " + other.schema.role));
  }
}

TEST_CASE("roles: a role runs no function of another service") {
  Platform platform;
  for (const Part& part : all_parts()) {
    std::set<std::string> found;
    for (const auto& row : platform.owner.run(
             "SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
             "WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', '" +
             part.schema.name + "') AND has_schema_privilege('" + part.schema.role +
             "', n.oid, 'USAGE') AND has_function_privilege('" + part.schema.role + "', p.oid, 'EXECUTE')"))
      found.insert(row[0].c_str());
    CAPTURE(part.schema.role);
    CHECK(found == std::set<std::string>{"bus.add_days", "bus.agree_partitions", "bus.drop_day", "bus.old_days",
                                         "bus.source_id", "bus.table_of", "identity.touch_session"});
  }
}
