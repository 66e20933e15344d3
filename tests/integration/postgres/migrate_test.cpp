#include <array>
#include <catch2/catch.hpp>
#include <future>
#include <vector>

#include "postgres/errors.hpp"
#include "postgres/migrate.hpp"
#include "postgres/testing/test_database.hpp"

using namespace carillon;

namespace {

constexpr std::array<pg::Migration, 2> two{{{"001_things", "CREATE TABLE things (id bigserial PRIMARY KEY, name text)"},
                                            {"002_colour", "ALTER TABLE things ADD colour text"}}};
constexpr std::array<pg::Migration, 2> changed{{{"001_things", "CREATE TABLE things (id int)"}, two[1]}};
constexpr std::array<pg::Migration, 3> broken{{two[0], two[1], {"003_broken", "ALTER TABLE nothing ADD x int"}}};

pg::Connection connect(const testing::TestDatabase& database, const std::string& role = "") {
  pg::ConnectionSettings settings;
  settings.url = database.url();
  settings.role = role;
  return pg::Connection(settings);
}

// Roles belong to the server: named after the test's own database and dropped with it.
struct OwnRole {
  explicit OwnRole(const testing::TestDatabase& test_database, const std::string& suffix = "")
      : database(test_database), name(test_database.name() + suffix) {}
  ~OwnRole() {
    pg::Connection owner = connect(database);
    owner.run("DROP OWNED BY " + name + "; DROP ROLE " + name);
  }
  const testing::TestDatabase& database;
  std::string name;
};

}  // namespace

TEST_CASE("migrate: applies what is missing, in order, once") {
  const testing::TestDatabase database;
  const OwnRole role(database);
  pg::Connection owner = connect(database);
  CHECK(pg::migrate(owner, {"shop", role.name, std::span(two).first(1)}) == 1);
  CHECK(pg::migrate(owner, {"shop", role.name, two}) == 1);
  CHECK(pg::migrate(owner, {"shop", role.name, two}) == 0);
  CHECK(owner.run("SELECT string_agg(name, ',' ORDER BY name) FROM shop.schema_migrations")[0][0].c_str() ==
        std::string("001_things,002_colour"));
  CHECK(owner.run("SHOW statement_timeout")[0][0].c_str() == std::string("15s"));
}

TEST_CASE("migrate: refuses an applied file that has changed, by name") {
  const testing::TestDatabase database;
  pg::Connection owner = connect(database);
  pg::migrate(owner, {"shop", "", two});
  CHECK_THROWS_WITH(pg::migrate(owner, {"shop", "", changed}), Catch::Contains("001_things"));
}

TEST_CASE("migrate: a failing migration is named and leaves the earlier ones applied") {
  const testing::TestDatabase database;
  pg::Connection owner = connect(database);
  CHECK_THROWS_WITH(pg::migrate(owner, {"shop", "", broken}), Catch::Contains("003_broken"));
  CHECK(owner.run("SELECT count(*) FROM shop.schema_migrations")[0][0].as<int>() == 2);
}

TEST_CASE("migrate: the role may use its schema's tables and sequences, and nothing else") {
  const testing::TestDatabase database;
  const OwnRole role(database);
  pg::Connection owner = connect(database);
  pg::migrate(owner, {"shop", role.name, two});
  pg::migrate(owner, {"other", "", two});
  pg::Connection service = connect(database, role.name);
  service.run("INSERT INTO shop.things (name) VALUES ('x')");
  CHECK(service.run("DELETE FROM shop.things RETURNING name").size() == 1);
  CHECK_THROWS_AS(service.run("SELECT * FROM other.things"), pg::StatementError);
  CHECK_THROWS_AS(service.run("DROP TABLE shop.things"), pg::StatementError);
  CHECK_THROWS_AS(service.run("CREATE TABLE shop.mine (x int)"), pg::StatementError);
  CHECK_THROWS_AS(service.run("DELETE FROM shop.schema_migrations"), pg::StatementError);
}

TEST_CASE("migrate: several processes at once apply each migration once") {
  const testing::TestDatabase database;
  const OwnRole role(database);
  std::vector<std::future<int>> runs;
  for (int i = 0; i < 6; ++i) {
    runs.push_back(std::async(std::launch::async, [&] {
      pg::Connection owner = connect(database);
      return pg::migrate(owner, {"shop", role.name, two});
    }));
  }
  int applied = 0;
  for (auto& run : runs) applied += run.get();
  CHECK(applied == 2);
}

TEST_CASE("ensure_role: many at once make one role") {
  const testing::TestDatabase database;
  const OwnRole role(database);
  std::vector<std::future<void>> runs;
  for (int i = 0; i < 8; ++i) {
    runs.push_back(std::async(std::launch::async, [&] {
      pg::Connection owner = connect(database);
      pg::ensure_role(owner, role.name);
    }));
  }
  for (auto& run : runs) CHECK_NOTHROW(run.get());
}
