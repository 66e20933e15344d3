// State topics on the PostgreSQL engine: their old days go, and no key with them.
#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "bus/republisher.hpp"
#include "bus/testing/scene.hpp"
#include "conformance/bus/postgres_harness.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;

namespace {

constexpr Topic topic = topics::client_state;
constexpr std::chrono::hours retention{72};

// All that is there becomes a day's of ten days ago.
void age(pg::Connection& owner) {
  owner.run("SELECT bus.add_day('client_state', (now() AT TIME ZONE 'UTC')::date - 10)");
  owner.run("UPDATE bus.client_state SET published_at = now() - interval '10 days'");
}

int old_rows(pg::Connection& owner) {
  return owner.run("SELECT count(*) FROM bus.client_state WHERE published_at < now() - interval '9 days'")[0][0]
      .as<int>();
}

void publish_keys(Bus& bus, pg::Connection& connection, int from, int to, int n) {
  std::vector<Record> records;
  for (int key = from; key < to; ++key) records.push_back(numbered("key" + std::to_string(key), n));
  publish(bus, connection, std::move(records), topic);
}

struct State {
  PostgresHarness harness;
  pg::Connection owner{harness.administrator()};
  pg::Connection service{harness.database()};
  std::unique_ptr<Node> node{harness.node()};
  Bus& bus{node->bus()};
  Republisher republisher{bus, settings()};

  RepublisherSettings settings(std::chrono::hours kept = retention) const {
    return {harness.database(), topic, "conformance", kept};
  }

  // What a reader that begins now knows once it has caught up: the last number of each key.
  std::map<std::string, int> read() {
    std::map<std::string, int> latest;
    std::mutex mutex;
    const auto reader = bus.broadcast(topic, [&](const Received& received) {
      const std::lock_guard lock(mutex);
      latest[received.record.key] = std::stoi(std::string(header(received.record.headers, "n")));
    });
    reader->start();
    REQUIRE(eventually(service, [&] { return reader->caught_up(); }));
    reader->stop();
    return latest;
  }
};

}  // namespace

TEST_CASE(
    "state topics: an old day stays until its owner has published its keys again, then it goes and no key with it") {
  State state;
  publish_keys(state.bus, state.service, 0, 40, 1);
  publish_keys(state.bus, state.service, 0, 10, 2);
  age(state.owner);
  publish_keys(state.bus, state.service, 0, 5, 3);
  maintain_bus(state.service, retention);
  CHECK(old_rows(state.owner) > 0);
  CHECK(state.republisher.look() == 35);  // not those that have a newer record
  CHECK(old_rows(state.owner) > 0);
  maintain_bus(state.service, retention);
  CHECK(old_rows(state.owner) == 0);
  const auto latest = state.read();
  REQUIRE(latest.size() == 40);
  for (int key = 0; key < 40; ++key) CHECK(latest.at("key" + std::to_string(key)) == (key < 5 ? 3 : key < 10 ? 2 : 1));
  CHECK(state.republisher.look() == 0);  // once a day is enough
}

TEST_CASE("state topics: records are published again as they were") {
  State state;
  publish(state.bus, state.service, {{"key", {{"ce_id", "1"}, {"n", "7"}}, std::string("a\0b", 3)}}, topic);
  age(state.owner);
  CHECK(state.republisher.look() == 1);
  const auto records = state.bus.peek(topic, partition_of("key", state.bus.partitions()), 0, 10);
  REQUIRE(records.size() == 2);
  CHECK(records[1].record.key == records[0].record.key);
  CHECK(records[1].record.value == records[0].record.value);
  CHECK(header(records[1].record.headers, "ce_id") == "1");
  CHECK(records[1].record.headers.size() == records[0].record.headers.size());
}

TEST_CASE("state topics: days are left behind only when they are about to be too old") {
  State state;
  publish_keys(state.bus, state.service, 0, 4, 1);
  CHECK(state.republisher.look() == 0);
  state.owner.run("SELECT bus.add_day('client_state', (now() AT TIME ZONE 'UTC')::date - 1)");
  state.owner.run("UPDATE bus.client_state SET published_at = now() - interval '1 day'");
  CHECK(state.republisher.look() == 0);
  maintain_bus(state.service, std::chrono::hours{1});
  CHECK(state.read().size() == 4);
  Republisher short_lived(state.bus, state.settings(std::chrono::hours{1}));
  CHECK(short_lived.look() == 4);
  CHECK(short_lived.look() == 0);  // never what is of today
}

TEST_CASE("state topics: a reader in whose midst a day goes has caught up only when it knows every key") {
  constexpr int keys = 6'000;  // more than one answer holds of any partition
  State state;
  for (int from = 0; from < keys; from += 500) publish_keys(state.bus, state.service, from, from + 500, 1);
  age(state.owner);
  std::set<std::string> known;
  std::atomic<bool> caught_up_early{false};
  std::unique_ptr<Broadcast> reader;
  reader = state.bus.broadcast(topic, [&](const Received& received) {
    if (known.empty()) {
      state.republisher.look();
      maintain_bus(state.service, retention);
    }
    if (known.insert(received.record.key).second && reader->caught_up()) caught_up_early = true;
  });
  reader->start();
  pg::Connection listener(state.harness.database());
  REQUIRE(eventually(listener, [&] { return reader->caught_up(); }));
  reader->stop();
  CHECK(old_rows(state.owner) == 0);
  CHECK_FALSE(caught_up_early);
  CHECK(known.size() == keys);
}

TEST_CASE("state topics: what is published meanwhile stays the latest of its key, whoever publishes again") {
  constexpr int keys = 400, rounds = 60;
  State state;
  publish_keys(state.bus, state.service, 0, keys, 1);
  age(state.owner);
  std::atomic<bool> begun{false};
  auto writer = std::async(std::launch::async, [&] {
    const auto node = state.harness.node();
    pg::Connection connection(state.harness.database());
    for (int round = 2; round < 2 + rounds; ++round) {
      const int from = round * 37 % keys;
      publish_keys(node->bus(), connection, from, std::min(from + 20, keys), round);
      begun = true;
    }
  });
  Republisher other(state.bus, state.settings());
  while (!begun) std::this_thread::yield();
  auto second = std::async(std::launch::async, [&] { return other.look(); });
  CHECK_NOTHROW(state.republisher.look());
  CHECK_NOTHROW(second.get());
  writer.get();
  std::map<std::string, int> expected;
  for (int key = 0; key < keys; ++key) expected["key" + std::to_string(key)] = 1;
  for (int round = 2; round < 2 + rounds; ++round)
    for (int key = round * 37 % keys; key < std::min(round * 37 % keys + 20, keys); ++key)
      expected["key" + std::to_string(key)] = round;
  maintain_bus(state.service, retention);
  CHECK(old_rows(state.owner) == 0);
  CHECK(state.read() == expected);
}

TEST_CASE("state topics: what a table without days holds becomes one day, with everybody's rights") {
  carillon::testing::TestDatabase database;
  pg::ConnectionSettings settings;
  settings.url = database.url();
  pg::Connection owner(settings);
  const pg::Schema all = bus_schema();
  std::vector<pg::Migration> before;
  for (const pg::Migration& migration : all.migrations)
    if (std::string_view(migration.name) < "020") before.push_back(migration);
  pg::migrate(owner, {"bus", "", before});
  pg::ensure_role(owner, role);
  owner.run(std::string("GRANT SELECT, INSERT ON bus.client_state TO ") + role);
  owner.run(
      "INSERT INTO bus.client_state (partition, base_seq, record_count, published_at, records) SELECT 0, n, 1, now() - "
      "n * interval '100 days', '\\x01036b6579000161' FROM generate_series(1, 3) AS n");
  pg::migrate(owner, all);
  grant_topics(owner, role, topics::all, topics::all);
  settings.role = role;
  pg::Connection service(settings);
  CHECK(service.run("SELECT count(*) FROM bus.client_state")[0][0].as<int>() == 3);
  CHECK_NOTHROW(
      service.run("INSERT INTO bus.client_state (partition, base_seq, record_count, records) VALUES (0, 4, 1, 'x')"));
  CHECK_THROWS(
      owner.run("INSERT INTO bus.client_state (partition, base_seq, record_count, records) VALUES (0, 4, 1, 'x')"));
  CHECK(owner.run("SELECT count(*) FROM pg_inherits WHERE inhparent = 'bus.client_state'::regclass")[0][0].as<int>() ==
        3);
}
