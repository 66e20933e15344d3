// Order, visibility, contents.
#include <algorithm>
#include <numeric>
#include <random>
#include <thread>

#include "bus/testing/conformance.hpp"
#include "bus/testing/scene.hpp"

namespace carillon::bus::testing {
namespace {

constexpr int writers = 4;
constexpr int rounds = 60;
constexpr int keys_per_writer = 5;

// Its own keys, which share all partitions with those of the other writers. Every third transaction is rolled back
// first.
void write_rounds(Bus& bus, const pg::ConnectionSettings& database, int writer) {
  pg::Connection connection(database);
  std::minstd_rand random(static_cast<unsigned>(writer + 1));
  for (int n = 1; n <= rounds; ++n) {
    const bool rehearse = n % 3 == 0;
    for (int attempt = rehearse ? 0 : 1; attempt < 2; ++attempt) {
      Outbox out;
      for (int key = 0; key < keys_per_writer; ++key)
        out.publish(test_topic, numbered("w" + std::to_string(writer) + "k" + std::to_string(key), n));
      pg::Transaction tx(connection);
      tx.run("SELECT pg_current_xact_id()");
      for (unsigned wait = random() % 4; wait > 0; --wait) tx.run("SELECT 1");  // others begin later and commit earlier
      bus.flush(out, tx);
      if (attempt == 0) continue;  // rolled back
      for (unsigned wait = random() % 3; wait > 0; --wait) tx.run("SELECT 1");
      tx.commit();
      bus.wake(out);
    }
  }
}

// Half of the writers publish by the consumer's own bus, half by the other.
void check_order_of_writers(Harness& harness, Bus& own, Bus& other) {
  RecordingHandler handler;
  const auto consumer = own.consume(consumer_settings(), handler);
  consumer->start();
  std::vector<std::thread> threads;
  for (int writer = 0; writer < writers; ++writer) {
    Bus& bus = writer % 2 == 0 ? own : other;
    threads.emplace_back([&, writer] { write_rounds(bus, harness.database(), writer); });
  }
  for (std::thread& thread : threads) thread.join();
  constexpr int total = writers * rounds * keys_per_writer;
  CHECK(handler.wait_committed_records(total));
  consumer->stop();
  pg::Connection connection(harness.database());
  check_exactly_once_in_order(connection, total);
}

}  // namespace

void keeps_order_per_key_under_concurrent_writers(Harness& harness) {
  const auto node = harness.node();
  check_order_of_writers(harness, node->bus(), node->bus());
}

// An engine may hand a process what it has published itself; others' records have to find their place between.
void keeps_order_of_own_and_foreign_records(Harness& harness) {
  const auto own = harness.node();
  const auto foreign = harness.node();
  check_order_of_writers(harness, own->bus(), foreign->bus());
}

void reads_records_back(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 3, 400);
  std::vector<Place> places;
  std::vector<std::string> values;
  for (int partition = 0; partition < node->bus().partitions(); ++partition) {
    for (std::int64_t after = 0;;) {
      const std::vector<Received> page = node->bus().peek(test_topic, partition, after, 500);
      if (page.empty()) break;
      after = page.back().seq;
      for (std::size_t i = 0; i < page.size(); i += 37) {
        places.push_back({partition, page[i].seq});
        values.push_back(page[i].record.value);
      }
    }
  }
  REQUIRE(places.size() > 30);
  std::reverse(places.begin(), places.end());
  std::reverse(values.begin(), values.end());
  places.push_back({0, 1'000'000});
  places.push_back(places.front());
  pg::Transaction tx(connection);
  const auto found = node->bus().read_back(test_topic, places, tx);
  REQUIRE(found.size() == places.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    REQUIRE(found[i]);
    CHECK(found[i]->value == values[i]);
  }
  CHECK_FALSE(found[values.size()]);
  REQUIRE(found.back());
  CHECK(found.back()->value == values.front());
}

void delivers_what_commits_late(Harness& harness) {
  const auto node = harness.node();
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  pg::Connection early(harness.database());
  pg::Connection late(harness.database());
  Outbox out;
  out.publish(test_topic, numbered("late", 1));
  pg::Transaction tx(late);
  tx.run("SELECT pg_current_xact_id()");  // older than all that follow
  publish_many(node->bus(), early, 10, 20);
  REQUIRE(handler.wait_committed_records(200));
  node->bus().flush(out, tx);
  tx.commit();
  node->bus().wake(out);
  CHECK(handler.wait_committed_records(201));
  check_exactly_once_in_order(early, 201);
}

void long_transaction_elsewhere_stalls_nothing(Harness& harness) {
  const auto node = harness.node();
  pg::Connection elsewhere(harness.administrator());
  pg::Transaction held(elsewhere);
  held.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  held.run("SELECT pg_current_xact_id(), count(*) FROM conformance.seen");
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 10, 10);
  CHECK(handler.wait_committed_records(100));
  check_exactly_once_in_order(connection, 100);
}

void rolled_back_publish_leaves_no_gap(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  for (int i = 0; i < 20; ++i) {
    Outbox out;
    out.publish(test_topic, numbered("never" + std::to_string(i), 1));
    pg::Transaction tx(connection);
    node->bus().flush(out, tx);
  }
  publish_many(node->bus(), connection, 10, 5);
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(50));
  check_exactly_once_in_order(connection, 50);
}

void large_record_passes_larger_is_refused(Harness& harness) {
  const auto node = harness.node();
  std::mt19937 random(7);
  std::string noise(record_bytes_max - 3, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  std::vector<Record> got;
  RecordingHandler handler;
  handler.before = [&](std::span<const Received> batch, pg::Transaction&, Outbox&) {
    for (const Received& received : batch) got.push_back(received.record);
  };
  Outbox refused;
  CHECK_THROWS_AS(refused.publish(test_topic, Record{"key", {}, noise + "x"}), RecordTooLarge);
  CHECK(refused.empty());
  pg::Connection connection(harness.database());
  publish(node->bus(), connection, {Record{"key", {}, noise}, numbered("small", 1), Record{"key", {}, noise}});
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(3));
  consumer->stop();
  REQUIRE(got.size() == 3);
  CHECK(std::count_if(got.begin(), got.end(), [&](const Record& record) { return record.value == noise; }) == 2);
}

void any_byte_survives(Harness& harness) {
  const auto node = harness.node();
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::string name = "n\xC3\xA4me \xF0\x9F\x94\x94";  // the name of a header is text on Kafka
  const Record binary{bytes, {{"n", "1"}, {"empty", ""}, {name, bytes}}, bytes + std::string(1, '\0')};
  const Record bare{"", {}, ""};
  std::vector<Record> got;
  RecordingHandler handler;
  handler.before = [&](std::span<const Received> batch, pg::Transaction&, Outbox&) {
    for (const Received& received : batch) got.push_back(received.record);
  };
  pg::Connection connection(harness.database());
  publish(node->bus(), connection, {binary});
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  REQUIRE(handler.wait_committed_records(1));
  publish(node->bus(), connection, {bare});
  REQUIRE(handler.wait_committed_records(2));
  consumer->stop();
  CHECK(got[0].key == binary.key);
  CHECK(got[0].headers == binary.headers);
  CHECK(got[0].value == binary.value);
  CHECK(got[1].key.empty());
  CHECK(got[1].value.empty());
}

void broadcast_sees_everything(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  constexpr Topic topic = topics::client_state;
  const auto versions = [](int n) { return std::vector<Record>{numbered("a", n), numbered("b", n), numbered("c", n)}; };
  for (int n = 1; n <= 50; ++n) publish(node->bus(), connection, versions(n), topic);
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, std::vector<int>> seen;
  int count = 0;
  const auto on_record = [&](const Received& received) {
    const std::lock_guard lock(mutex);
    seen[received.record.key].push_back(std::stoi(std::string(header(received.record.headers, "n"))));
    ++count;
    changed.notify_all();
  };
  const auto wait_for = [&](int wanted) {
    std::unique_lock lock(mutex);
    return changed.wait_for(lock, std::chrono::seconds{30}, [&] { return count >= wanted; });
  };
  const auto first = node->bus().broadcast(topic, on_record);
  CHECK_FALSE(first->caught_up());
  first->start();
  REQUIRE(wait_for(150));
  publish(node->bus(), connection, versions(51), topic);
  REQUIRE(wait_for(153));
  CHECK(eventually(connection, [&] { return first->caught_up(); }));  // of an empty partition it is heard later
  first->stop();
  std::vector<int> expected(51);
  std::iota(expected.begin(), expected.end(), 1);
  for (const char* key : {"a", "b", "c"}) CHECK(seen[key] == expected);
}

void peek_pages_through(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 1, 30);
  const int partition = partition_of("key0", node->bus().partitions());
  std::vector<int> numbers;
  std::int64_t after = 0;
  for (;;) {
    const std::vector<Received> page = node->bus().peek(test_topic, partition, after, 7);
    if (page.empty()) break;
    CHECK(page.size() <= 7);
    for (const Received& received : page)
      numbers.push_back(std::stoi(std::string(header(received.record.headers, "n"))));
    after = page.back().seq;
  }
  std::vector<int> expected(30);
  std::iota(expected.begin(), expected.end(), 1);
  CHECK(numbers == expected);
  // As many as asked, however many transactions they came in.
  publish_many(node->bus(), connection, 31, 100);
  CHECK(node->bus().peek(test_topic, partition, 0, 100).size() == 100);
}

}  // namespace carillon::bus::testing
