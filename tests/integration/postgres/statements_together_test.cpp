#include <catch2/catch.hpp>

#include "postgres/connection.hpp"
#include "postgres/errors.hpp"
#include "postgres/testing/test_database.hpp"

using namespace carillon;

namespace {

const pg::Query insert_number{"insert_number", "INSERT INTO numbers VALUES ($1::int) RETURNING n"};
const pg::Query count_numbers{"count_numbers", "SELECT count(*) FROM numbers"};
const pg::Query divide{"divide", "SELECT 1 / $1::int"};

}  // namespace

TEST_CASE("statements together: each sees the ones before it, and answers come in order") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  connection.run("CREATE TABLE numbers (n int PRIMARY KEY)");
  pg::Params seven, none;
  seven.add(7);
  {
    pg::Transaction tx(connection);
    const auto rows =
        tx.run_together({{insert_number, seven}, {count_numbers, none}, {divide, seven}, {count_numbers, none}});
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].integer(0, 0) == 7);
    CHECK(rows[1].integer(0, 0) == 1);
    CHECK(rows[2].integer(0, 0) == 0);
    CHECK(tx.run_binary(count_numbers).integer(0, 0) == 1);
    tx.commit();
  }
  CHECK(connection.run(count_numbers)[0][0].as<int>() == 1);
}

TEST_CASE("statements together: the first that fails throws its own reason, none behind it runs, nothing is kept") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  connection.run("CREATE TABLE numbers (n int PRIMARY KEY)");
  pg::Params zero, one;
  zero.add(0);
  one.add(1);
  for (const bool begun : {false, true}) {
    pg::Transaction tx(connection);
    if (begun) tx.run(count_numbers);
    try {
      tx.run_together({{insert_number, one}, {divide, zero}, {insert_number, one}});
      FAIL("a division by zero went through");
    } catch (const pg::StatementError& error) {
      CHECK(error.sqlstate == "22012");
    }
    CHECK_THROWS_AS(tx.commit(), pg::StatementError);
  }
  CHECK(connection.run(count_numbers)[0][0].as<int>() == 0);
  CHECK(connection.epoch() == 1);
}

TEST_CASE("statements together: megabytes go both ways without waiting for each other") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  const pg::Query echo{"echo", "SELECT $1::text"};
  pg::Params large;
  large.add(std::string(8U << 20, 'x'));
  pg::Transaction tx(connection);
  const auto rows = tx.run_together({{echo, large}, {echo, large}, {echo, large}});
  CHECK(rows[2].bytes(0, 0).size() == 8U << 20);
}

TEST_CASE("statements together: a session that ends meanwhile is Unavailable, and the next transaction has a new one") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  const pg::Query end_session{"end_session", "SELECT pg_terminate_backend(pg_backend_pid())"};
  const pg::Params none;
  {
    pg::Transaction tx(connection);
    CHECK_THROWS_AS(tx.run_together({{end_session, none}, {end_session, none}}), pg::Unavailable);
  }
  pg::Transaction tx(connection);
  CHECK(tx.run("SELECT 1")[0][0].as<int>() == 1);
  CHECK(connection.epoch() == 2);
}

TEST_CASE("statements together: with a COMMIT behind them all is kept, or nothing when one fails") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  connection.run("CREATE TABLE numbers (n int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)");
  pg::Params one, two, zero;
  one.add(1);
  two.add(2);
  zero.add(0);
  {
    pg::Transaction tx(connection);
    CHECK(tx.commit_with({{insert_number, one}}).at(0).integer(0, 0) == 1);
    CHECK_THROWS_AS(tx.run(count_numbers), std::logic_error);
  }
  {
    pg::Transaction tx(connection);
    CHECK_THROWS_AS(tx.commit_with({{insert_number, two}, {divide, zero}}), pg::StatementError);
  }
  {
    pg::Transaction tx(connection);
    try {
      tx.commit_with({{insert_number, two}, {insert_number, one}});  // found by the COMMIT itself
      FAIL("a key was stored twice");
    } catch (const pg::StatementError& error) {
      CHECK(error.sqlstate == "23505");
    }
  }
  CHECK(connection.run(count_numbers)[0][0].as<int>() == 1);
  CHECK(connection.epoch() == 1);
}
