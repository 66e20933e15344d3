// What only the PostgreSQL engine promises: tables, retention, grants, its own row format.
#include <catch2/catch.hpp>
#include <future>

#include "bus/testing/scene.hpp"
#include "conformance/bus/postgres_harness.hpp"
#include "postgres/errors.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;

namespace {

constexpr const char* other_role = "carillon_conformance_other";

// A day's table with one row, as if published then. Partition 0, seqs base .. base + 9.
void publish_long_ago(pg::Connection& owner, const std::string& table, int days_ago, int base_seq) {
  const std::string days = std::to_string(days_ago);
  owner.run("SELECT bus.add_day('" + table + "', (now() AT TIME ZONE 'UTC')::date - " + days + ")");
  owner.run("INSERT INTO bus." + table + " (partition, base_seq, record_count, published_at, records) VALUES (0, " +
            std::to_string(base_seq) + ", 10, now() - interval '" + days + " days', 'x')");
}

int days_of(pg::Connection& owner, const std::string& table) {
  return owner.run("SELECT count(*) FROM pg_inherits WHERE inhparent = 'bus." + table + "'::regclass")[0][0].as<int>();
}

void stand_at(pg::Connection& owner, const std::string& consumer, int next_seq) {
  owner.run("INSERT INTO conformance.bus_offsets VALUES ('" + consumer + "', 'audit.v1', 0, " +
            std::to_string(next_seq) +
            ") ON CONFLICT (consumer, topic, partition) DO UPDATE SET next_seq = excluded.next_seq");
}

}  // namespace

TEST_CASE("postgres bus: every topic has its table, ready for today and the two days to come") {
  PostgresHarness harness;
  pg::Connection owner(harness.administrator());
  for (const Topic& topic : topics::all) {
    INFO(topic.name);
    const auto row =
        owner.run("SELECT table_name, kind FROM bus.topics WHERE name = '" + std::string(topic.name) + "'");
    REQUIRE(row.size() == 1);
    CHECK(row[0][0].c_str() == std::string(topic.table));
    CHECK((row[0][1].c_str() == std::string("state")) == topic.state);
    CHECK(days_of(owner, std::string(topic.table)) == 3);
  }
}

TEST_CASE("postgres bus: retention drops days that every consumer has passed, and no others") {
  PostgresHarness harness;
  pg::Connection owner(harness.administrator());
  pg::Connection service(harness.database());
  publish_long_ago(owner, "audit", 20, 1);
  publish_long_ago(owner, "audit", 19, 11);
  publish_long_ago(owner, "audit", 18, 21);
  const int all = days_of(owner, "audit");
  stand_at(owner, "fast", 31);
  stand_at(owner, "slow", 5);
  maintain_bus(service, std::chrono::hours{72});
  CHECK(days_of(owner, "audit") == all);
  stand_at(owner, "slow", 20);
  maintain_bus(service, std::chrono::hours{72});
  CHECK(days_of(owner, "audit") == all - 1);
  stand_at(owner, "slow", 31);
  maintain_bus(service, std::chrono::hours{72});
  CHECK(days_of(owner, "audit") == all - 2);  // the newest record stays: seqs go on from it
  const auto node = harness.node();
  Record record = numbered("", 1);
  for (int i = 0; i < node->bus().partitions(); ++i) publish(node->bus(), service, {record}, topics::audit);
  CHECK(owner.run("SELECT max(base_seq) FROM bus.audit WHERE partition = 0")[0][0].as<int>() == 31);
  maintain_bus(service, std::chrono::hours{72});
  CHECK(days_of(owner, "audit") == all - 3);
  CHECK(owner.run("SELECT count(*) FROM bus.audit WHERE partition = 0")[0][0].as<int>() == 1);
}

TEST_CASE("postgres bus: a day stays while a view bus_holds needs one of its records") {
  PostgresHarness harness;
  pg::Connection owner(harness.administrator());
  pg::Connection service(harness.database());
  publish_long_ago(owner, "audit", 20, 1);
  publish_long_ago(owner, "audit", 19, 11);
  stand_at(owner, "fast", 21);
  const int all = days_of(owner, "audit");
  owner.run(
      "CREATE VIEW conformance.bus_holds AS SELECT 'state'::text AS consumer, 'audit.v1'::text AS topic, 0 AS "
      "partition, 10::bigint AS next_seq");
  maintain_bus(service, std::chrono::hours{72});
  CHECK(days_of(owner, "audit") == all);
  owner.run(
      "CREATE OR REPLACE VIEW conformance.bus_holds AS SELECT 'state'::text AS consumer, 'audit.v1'::text AS topic, 0 "
      "AS partition, 11::bigint AS next_seq");
  maintain_bus(service, std::chrono::hours{72});
  CHECK(days_of(owner, "audit") == all - 1);
}

TEST_CASE("postgres bus: dead letters outlive a short retention") {
  PostgresHarness harness;
  pg::Connection owner(harness.administrator());
  publish_long_ago(owner, "audit_dlq", 20, 1);
  publish_long_ago(owner, "audit_dlq", 1, 11);
  publish_long_ago(owner, "audit_dlq", 40, 21);
  owner.run(
      "UPDATE bus.audit_dlq SET base_seq = base_seq - 40 WHERE base_seq = 21");  // the oldest day is really the oldest
  const int days = days_of(owner, "audit_dlq");
  maintain_bus(owner, std::chrono::hours{1});
  CHECK(days_of(owner, "audit_dlq") == days - 1);
}

TEST_CASE("postgres bus: consumers go on from the oldest record that is left") {
  PostgresHarness harness;
  const auto node = harness.node();
  pg::Connection owner(harness.administrator());
  pg::Connection service(harness.database());
  for (int partition = 0; partition < node->bus().partitions(); ++partition) {
    owner.run("INSERT INTO bus.send_requests (partition, base_seq, record_count, records) VALUES (" +
              std::to_string(partition) + ", 5000, 1, '\\x0100')");
  }
  publish_many(node->bus(), service, 10, 10);
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(100));
  consumer->stop();
  check_exactly_once_in_order(service, 100);
  CHECK(owner.run("SELECT count(*) FROM conformance.bus_offsets WHERE next_seq > 5000")[0][0].as<int>() ==
        node->bus().partitions());
}

TEST_CASE("postgres bus: a row that can't be decoded becomes one dead letter and stops nothing") {
  PostgresHarness harness;
  const auto node = harness.node();
  pg::Connection owner(harness.administrator());
  pg::Connection service(harness.database());
  publish(node->bus(), service, {numbered("key", 1), numbered("key", 2)});
  const int partition = partition_of("key", node->bus().partitions());
  owner.run("INSERT INTO bus.send_requests (partition, base_seq, record_count, records) VALUES (" +
            std::to_string(partition) + ", 3, 7, 'garbage')");
  publish(node->bus(), service, {numbered("key", 3)});
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(3));
  consumer->stop();
  check_exactly_once_in_order(service, 3);
  std::vector<Received> letters;
  for (int p = 0; p < node->bus().partitions(); ++p) {
    for (Received& letter : node->bus().peek(dead_letter_topic(test_topic), p, 0, 10))
      letters.push_back(std::move(letter));
  }
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].record.value == "garbage");
  CHECK(header(letters[0].record.headers, "dlq-reason") == "CORRUPT_BATCH");
  CHECK(header(letters[0].record.headers, "dlq-seq") == "3");
}

TEST_CASE("postgres bus: another number of partitions is refused with both numbers") {
  PostgresHarness harness;
  harness.node();
  PostgresBusSettings settings = harness.bus_settings();
  settings.partitions = 7;
  CHECK_THROWS_WITH(PostgresNode(settings), Catch::Contains("4 partitions") && Catch::Contains("7"));
}

TEST_CASE("postgres bus: a role writes and reads what it was granted and nothing else") {
  PostgresHarness harness;
  pg::Connection owner(harness.administrator());
  constexpr Topic writes[] = {topics::audit};
  constexpr Topic reads[] = {topics::dispatch};
  grant_topics(owner, other_role, writes, reads);
  const auto node = harness.node();
  pg::ConnectionSettings settings = harness.database();
  settings.role = other_role;
  pg::Connection service(settings);
  CHECK_NOTHROW(publish(node->bus(), service, {numbered("a", 1)}, topics::audit));
  CHECK_NOTHROW(publish(node->bus(), service, {numbered("a", 1)}, topics::dispatch_dlq));
  CHECK_THROWS_AS(publish(node->bus(), service, {numbered("a", 1)}, topics::dispatch), pg::StatementError);
  CHECK_THROWS_AS(publish(node->bus(), service, {numbered("a", 1)}, topics::feedback), pg::StatementError);
  CHECK_NOTHROW(service.run("SELECT 1 FROM bus.dispatch"));
  CHECK_THROWS_AS(service.run("SELECT 1 FROM bus.feedback"), pg::StatementError);
  CHECK_THROWS_AS(service.run("DELETE FROM bus.audit"), pg::StatementError);
  CHECK_THROWS_AS(service.run("UPDATE bus.settings SET partitions = 9"), pg::StatementError);
  CHECK_THROWS_AS(service.run("SELECT bus.add_topic('x', 'x', 'events')"), pg::StatementError);
  CHECK_THROWS_AS(service.run("SELECT bus.drop_day('client.state.v1', 'client_state')"), pg::StatementError);
  CHECK_THROWS_AS(service.run("SELECT bus.drop_day('audit.v1', 'settings')"), pg::StatementError);
  CHECK_NOTHROW(maintain_bus(service, std::chrono::hours{72}));
}

TEST_CASE("postgres bus: processes that start together may all grant") {
  PostgresHarness harness;
  std::vector<std::future<void>> runs;
  for (int i = 0; i < 6; ++i) {
    runs.push_back(std::async(std::launch::async, [&] {
      pg::Connection owner(harness.administrator());
      for (int time = 0; time < 5; ++time) grant_topics(owner, other_role, topics::all, topics::all);
    }));
  }
  for (auto& run : runs) CHECK_NOTHROW(run.get());
}

TEST_CASE("postgres bus: a missing grant stops the consumer without dead letters, and it goes on once granted") {
  PostgresHarness harness;
  const auto node = harness.node();
  pg::Connection owner(harness.administrator());
  pg::Connection service(harness.database());
  publish_many(node->bus(), service, 10, 2);
  owner.run(std::string("REVOKE INSERT ON conformance.seen FROM ") + role);
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_rollbacks(3));
  CHECK(handler.batches() == 0);
  owner.run(std::string("GRANT INSERT ON conformance.seen TO ") + role);
  CHECK(handler.wait_committed_records(20));
  consumer->stop();
  check_exactly_once_in_order(service, 20);
  CHECK(owner.run("SELECT count(*) FROM bus.send_requests_dlq")[0][0].as<int>() == 0);
}

TEST_CASE("postgres bus: one transaction's records of a partition are one row") {
  PostgresHarness harness;
  const auto node = harness.node();
  pg::Connection owner(harness.administrator());
  pg::Connection service(harness.database());
  std::vector<Record> records;
  for (int n = 1; n <= 500; ++n) records.push_back(numbered("key", n, 400));
  publish(node->bus(), service, records);
  CHECK(owner.run("SELECT count(*) FROM bus.send_requests")[0][0].as<int>() == 1);
  publish(node->bus(), service, {numbered("key", 501), numbered("key", 502)});
  CHECK(
      owner
          .run("SELECT string_agg(base_seq || '+' || record_count, ',' ORDER BY base_seq) FROM bus.send_requests")[0][0]
          .c_str() == std::string("1+500,501+2"));
}

TEST_CASE("postgres bus: a commit waits for the disk unless the consumer says that it need not") {
  PostgresHarness harness;
  const auto node = harness.node();
  pg::Connection service(harness.database());
  const bool wait_for_disk = GENERATE(true, false);
  ConsumerSettings settings = consumer_settings();
  settings.wait_for_disk = wait_for_disk;
  std::string said;
  RecordingHandler handler;
  handler.before = [&](std::span<const Received>, pg::Transaction& tx, Outbox&) {
    said = tx.run("SHOW synchronous_commit")[0][0].c_str();
  };
  const auto consumer = node->bus().consume(settings, handler);
  consumer->start();
  publish(node->bus(), service, {numbered("key", 1)});
  REQUIRE(handler.wait_committed_records(1));
  consumer->stop();
  CHECK(said == (wait_for_disk ? "on" : "off"));
}
