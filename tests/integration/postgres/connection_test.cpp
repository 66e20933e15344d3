#include <atomic>
#include <catch2/catch.hpp>
#include <future>

#include "postgres/connection.hpp"
#include "postgres/errors.hpp"
#include "postgres/pool.hpp"
#include "postgres/testing/test_database.hpp"

using namespace carillon;
using namespace std::chrono_literals;

namespace {

constexpr pg::Query echo_bytes{"test_echo_bytes", "SELECT x, octet_length(x) FROM unnest($1::bytea[]) AS u(x)"};
constexpr pg::Query echo_texts{"test_echo_texts",
                               "SELECT x FROM unnest($1::text[]) WITH ORDINALITY AS u(x, n) ORDER BY n"};
constexpr pg::Query add_numbers{"test_add_numbers", "SELECT $1::int + $2::int"};
constexpr pg::Query kill_session{"test_kill_session", "SELECT pg_terminate_backend($1::int)"};

int backend_pid(pg::Connection& connection) {
  return connection.run("SELECT pg_backend_pid()")[0][0].as<int>();
}

std::string sqlstate_of(pg::Connection& connection, const std::string& sql) {
  try {
    connection.run(sql);
  } catch (const pg::StatementError& error) {
    return error.sqlstate;
  }
  return "none";
}

}  // namespace

TEST_CASE("connection: sessions carry role, time zone, time-outs and name from the start") {
  const testing::TestDatabase database;
  pg::ConnectionSettings settings = settings_of(database);
  settings.application_name = "carillon test";
  settings.statement_timeout = 1'234ms;
  settings.idle_session_timeout = 60s;
  settings.role = "pg_monitor";
  pg::Connection connection(settings);
  const auto shown = [&](const std::string& name) { return std::string(connection.run("SHOW " + name)[0][0].c_str()); };
  CHECK(shown("role") == "pg_monitor");
  CHECK(shown("timezone") == "UTC");
  CHECK(shown("statement_timeout") == "1234ms");
  CHECK(shown("lock_timeout") == "5s");
  CHECK(shown("idle_in_transaction_session_timeout") == "10s");
  CHECK(shown("idle_session_timeout") == "1min");
  CHECK(shown("application_name") == "carillon test");
  CHECK(shown("transaction_isolation") == "read committed");
}

TEST_CASE("connection: an unreachable server is Unavailable, an unreadable URL is a bug") {
  pg::ConnectionSettings settings;
  settings.url = "postgresql://nobody@127.0.0.1:1/none";
  pg::Connection connection(settings);
  CHECK_THROWS_AS(connection.run("SELECT 1"), pg::Unavailable);
  CHECK_FALSE(connection.is_open());
  settings.url = "postgresql://u:secret@[";
  pg::Connection unreadable(settings);
  CHECK_THROWS_WITH(unreadable.run("SELECT 1"), !Catch::Contains("secret"));
}

TEST_CASE("connection: a terminated session is Unavailable once, then a new one is used and the epoch counts") {
  const testing::TestDatabase database;
  pg::Connection victim(settings_of(database));
  pg::Connection other(settings_of(database));
  victim.run(add_numbers, pg::Params().add(1).add(2));
  CHECK(victim.epoch() == 1);
  other.run(kill_session, pg::Params().add(backend_pid(victim)));
  CHECK_THROWS_AS(victim.run(add_numbers, pg::Params().add(1).add(2)), pg::Unavailable);
  CHECK(victim.run(add_numbers, pg::Params().add(3).add(4))[0][0].as<int>() == 7);
  CHECK(victim.epoch() == 2);
}

TEST_CASE("transaction: one that lost its session stays Unavailable and never commits") {
  const testing::TestDatabase database;
  pg::Connection victim(settings_of(database));
  pg::Connection other(settings_of(database));
  other.run("CREATE TABLE t (n int)");
  const int pid = backend_pid(victim);
  {
    pg::Transaction tx(victim);
    tx.run("INSERT INTO t VALUES (1)");
    other.run(kill_session, pg::Params().add(pid));
    CHECK_THROWS_AS(tx.run("INSERT INTO t VALUES (2)"), pg::Unavailable);
    CHECK_THROWS_AS(tx.run("INSERT INTO t VALUES (3)"), pg::Unavailable);
    CHECK_THROWS_AS(tx.commit(), pg::Unavailable);
  }
  CHECK(other.run("SELECT count(*) FROM t")[0][0].as<int>() == 0);
}

TEST_CASE("transaction: is rolled back without commit, and a failed one can't be committed") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  connection.run("CREATE TABLE t (n int)");
  {
    pg::Transaction tx(connection);
    tx.run("INSERT INTO t VALUES (1)");
  }
  {
    pg::Transaction tx(connection);
    tx.run("INSERT INTO t VALUES (1)");
    CHECK_THROWS_AS(tx.run("SELECT 1/0"), pg::StatementError);
    CHECK_THROWS_AS(tx.commit(), pg::StatementError);
  }
  {
    pg::Transaction tx(connection);
    tx.run("INSERT INTO t VALUES (1)");
    tx.savepoint("before");
    CHECK_THROWS_AS(tx.run("SELECT 1/0"), pg::StatementError);
    tx.rollback_to("before");
    tx.commit();
  }
  CHECK(connection.run("SELECT count(*) FROM t")[0][0].as<int>() == 1);
}

TEST_CASE("errors: by what the caller should do, with the SQLSTATE and without values") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  connection.run("CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t VALUES (1)");
  CHECK(sqlstate_of(connection, "INSERT INTO t VALUES (1)") == "23505");
  CHECK(sqlstate_of(connection, "SELECT * FROM missing") == "42P01");
  CHECK_THROWS_WITH(connection.run("SELECT 'private value'::int"),
                    Catch::Contains("22P02") && !Catch::Contains("private value"));
  CHECK_THROWS_AS(connection.run("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"), pg::Conflict);
  CHECK_THROWS_AS(connection.run("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"), pg::Conflict);
  CHECK_THROWS_AS(connection.run("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$"), pg::Conflict);
  CHECK_THROWS_AS(connection.run("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53300'; END $$"), pg::Unavailable);
  connection.run("SET statement_timeout = '20ms'");
  CHECK_THROWS_AS(connection.run("SELECT pg_sleep(10)"), pg::Unavailable);
}

TEST_CASE("errors: the SQLSTATE is known whatever type of exception libpqxx makes of it") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  const auto raise = [](const std::string& state) {
    return "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '" + state + "'; END $$";
  };
  for (const char* state : {"22003", "23503", "25001", "28000", "3F000", "42501", "42601", "42703", "42883", "42P01",
                            "P0001", "XX000", "XX001"}) {
    CHECK(sqlstate_of(connection, raise(state)) == state);
  }
  for (const char* state : {"53000", "53100", "53200", "53300", "57014", "58030"}) {
    INFO(state);
    CHECK_THROWS_AS(connection.run(raise(state)), pg::Unavailable);
  }
}

TEST_CASE("statements: text, bytes and arrays come back as they went") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  pg::Array texts;
  texts.add("a\"b\\,{}");
  texts.add("NULL");
  texts.add_null();
  texts.add("žluťoučký");
  const pqxx::result rows = connection.run(echo_texts, pg::Params().add(std::move(texts)));
  REQUIRE(rows.size() == 4);
  CHECK(rows[0][0].c_str() == std::string("a\"b\\,{}"));
  CHECK(rows[1][0].c_str() == std::string("NULL"));
  CHECK(rows[2][0].is_null());
  CHECK(rows[3][0].c_str() == std::string("žluťoučký"));

  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  pg::Array hex;
  hex.add_bytes(every_byte);
  CHECK(pg::from_bytea(connection.run(echo_bytes, pg::Params().add(std::move(hex)))[0][0].c_str()) == every_byte);

  pg::Transaction tx(connection);
  pg::BinaryArray binary(pg::BinaryArray::Of::BYTEA);
  binary.add(every_byte);
  binary.add("");
  const pg::BinaryRows echoed = tx.run_binary(echo_bytes, pg::Params().add(std::move(binary)));
  REQUIRE(echoed.size() == 2);
  CHECK(echoed.bytes(0, 0) == every_byte);
  CHECK(echoed.integer(0, 1) == 256);
  CHECK(echoed.bytes(1, 0).empty());
}

TEST_CASE("binary arrays: every element type arrives as it was added, nulls too") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  pg::Transaction tx(connection);
  using Of = pg::BinaryArray::Of;
  constexpr pg::Query as_text{
      "test_binary_arrays",
      "SELECT concat_ws('|', b, s, i, l, t, at, u) FROM unnest($1::bool[], $2::int2[], $3::int4[], $4::int8[], "
      "$5::text[], $6::timestamptz[], $7::uuid[]) AS x(b, s, i, l, t, at, u)"};
  pg::BinaryArray bools(Of::BOOL), shorts(Of::INT2), ints(Of::INT4), longs(Of::INT8), texts(Of::TEXT),
      times(Of::TIMESTAMPTZ), ids(Of::UUID);
  bools.add(true);
  shorts.add(-32'768);
  ints.add(2'147'483'647);
  longs.add(std::int64_t{-9'000'000'000});
  texts.add("žluť, \"{}\\");
  times.add(*from_rfc3339("1999-12-31T23:59:59.5Z"));
  ids.add("0190A6F2-7b3c-7def-8123-456789abcdef");
  bools.add(false);
  shorts.add_null();
  ints.add(0);
  longs.add_null();
  texts.add("");
  times.add_null();
  ids.add_null();
  pg::Params params;
  params.add(std::move(bools)).add(std::move(shorts)).add(std::move(ints)).add(std::move(longs));
  params.add(std::move(texts)).add(std::move(times)).add(std::move(ids));
  const pg::BinaryRows rows = tx.run_binary(as_text, params);
  REQUIRE(rows.size() == 2);
  CHECK(rows.bytes(0, 0) ==
        "t|-32768|2147483647|-9000000000|žluť, \"{}\\|1999-12-31 23:59:59.5+00|0190a6f2-7b3c-7def-8123-456789abcdef");
  CHECK(rows.bytes(1, 0) == "f|0|");
}

TEST_CASE("binary rows: negative integers, times and nulls are read") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  pg::Transaction tx(connection);
  constexpr pg::Query values{"test_binary_values",
                             "SELECT -2::int, -3::bigint, '1969-12-31 23:59:59.5+00'::timestamptz, NULL::int"};
  const pg::BinaryRows rows = tx.run_binary(values);
  CHECK(rows.integer(0, 0) == -2);
  CHECK(rows.integer(0, 1) == -3);
  CHECK(rows.time(0, 2) == from_unix_micros(-500'000));
  CHECK(rows.is_null(0, 3));
}

TEST_CASE("copy: takes ready rows, and a bad row fails the transaction but not the session") {
  const testing::TestDatabase database;
  pg::Connection connection(settings_of(database));
  connection.run(
      "CREATE TABLE t (id int PRIMARY KEY, text text, bytes bytea, at timestamptz, yes boolean, details jsonb, uuid "
      "uuid)");
  using enum pg::Type;
  pg::CopyRows rows({{"id", INT4},
                     {"text", TEXT},
                     {"bytes", BYTEA},
                     {"at", TIMESTAMPTZ},
                     {"yes", BOOL},
                     {"details", JSONB},
                     {"uuid", UUID}});
  for (int i = 0; i < 20'000; ++i) {
    rows.field(i).field("tab\t, line\n, back\\slash").field(std::string_view("\0\xff", 2));
    rows.field(from_unix_micros(1)).field(true).field(R"({"a": 1})");
    rows.field("0190a6f2-7b3c-7def-8123-456789abcdef").end_row();
  }
  {
    pg::Transaction tx(connection);
    tx.copy("t", rows);
    tx.commit();
  }
  const auto row = connection.run(
      "SELECT count(*), min(text), min(encode(bytes, 'hex')), max(at), bool_and(yes), min(details->>'a'), "
      "min(uuid::text) FROM t")[0];
  CHECK(row[0].as<int>() == 20'000);
  CHECK(row[1].c_str() == std::string("tab\t, line\n, back\\slash"));
  CHECK(row[2].c_str() == std::string("00ff"));
  CHECK(pg::to_utc(row[3].c_str()) == from_unix_micros(1));
  CHECK(row[4].as<bool>());
  CHECK(row[5].c_str() == std::string("1"));
  CHECK(row[6].c_str() == std::string("0190a6f2-7b3c-7def-8123-456789abcdef"));
  {
    pg::Transaction tx(connection);
    pg::CopyRows wrong({{"id", TEXT}});
    wrong.field("no number").end_row();
    CHECK_THROWS_AS(tx.copy("t", wrong), pg::StatementError);
  }
  CHECK(connection.run(add_numbers, pg::Params().add(1).add(1))[0][0].as<int>() == 2);
  CHECK(connection.epoch() == 1);
}

TEST_CASE("notifications: arrive with payload and say whether they are our own") {
  const testing::TestDatabase database;
  pg::Connection listener(settings_of(database));
  pg::Connection speaker(settings_of(database));
  listener.run("LISTEN bell");
  CHECK_FALSE(listener.wait_for_notification(0ms));
  speaker.run("NOTIFY bell, 'theirs'");
  std::vector<pg::Notification> heard = listener.take_notifications(5s);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].channel == "bell");
  CHECK(heard[0].payload == "theirs");
  CHECK_FALSE(heard[0].own);
  listener.run("NOTIFY bell, 'ours'");
  heard = listener.take_notifications(5s);
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].own);
}

TEST_CASE("pool: makes at most its size, waits for one to come back, then gives up") {
  const testing::TestDatabase database;
  pg::Pool pool(settings_of(database), 2);
  auto first = std::make_unique<pg::Pool::Lease>(pool.take());
  const pg::Pool::Lease second = pool.take();
  const int pid = backend_pid(**first);
  CHECK_THROWS_AS(pool.take(10ms), pg::Unavailable);
  auto third = std::async(std::launch::async, [&] { return backend_pid(*pool.take(10s)); });
  first.reset();
  CHECK(third.get() == pid);
}

TEST_CASE("connection: a session that is ended at any moment of its start is Unavailable and nothing else") {
  const testing::TestDatabase database;
  std::atomic<bool> stop{false};
  const auto killer = std::async(std::launch::async, [&] {
    pg::Connection connection(settings_of(database));
    while (!stop) {
      connection.run(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND "
          "application_name = "
          "'victim'");
    }
  });
  auto settings = settings_of(database);
  settings.application_name = "victim";
  std::string other;
  for (int i = 0; i < 300 && other.empty(); ++i) {
    try {
      pg::Connection connection(settings);
      pg::Transaction tx(connection);
      tx.run(add_numbers, pg::Params().add(1).add(1));
      tx.run_together({{add_numbers, pg::Params().add(1).add(1)}});
      tx.commit();
    } catch (const pg::Unavailable&) {
    } catch (const std::exception& error) {
      other = error.what();
    }
  }
  stop = true;
  CHECK(other == "");
}
