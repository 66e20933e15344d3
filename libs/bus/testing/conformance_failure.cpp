// Crashes, stops, take-overs, bad records, waiting.
#include <unistd.h>

#include <csignal>
#include <future>

#include "bus/testing/conformance.hpp"
#include "bus/testing/scene.hpp"
#include "postgres/errors.hpp"

namespace carillon::bus::testing {
namespace {

using namespace std::chrono_literals;

struct BadRecord : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace

void goes_on_after_restart(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  int total = 0;
  for (const std::size_t enough : {1U, 100U, 300U}) {
    publish_many(node->bus(), connection, 20, 50, "until-" + std::to_string(enough) + "-");
    total += 1'000;
    RecordingHandler handler;
    const auto consumer = node->bus().consume(consumer_settings(), handler);
    consumer->start();
    CHECK(handler.wait_committed_records(enough));
    consumer->stop();
  }
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(eventually_seen(connection, total));
  consumer->stop();
  check_exactly_once_in_order(connection, total);
}

void run_child(Harness& harness) {
  const auto node = harness.node();
  RecordingHandler handler("child " + std::to_string(::getpid()));
  ConsumerSettings settings = consumer_settings();
  settings.batch_records_max = 20;  // many commits, so that a signal meets one
  const auto consumer = node->bus().consume(settings, handler);
  consumer->start();
  for (;;) ::pause();
}

void survives_killed_consumers(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 50, 60);
  for (const int enough : {200, 800, 1'500}) {
    Child child(harness);
    CHECK(eventually_seen(connection, enough));
    child.kill();
  }
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(eventually_seen(connection, 3'000));
  consumer->stop();
  check_exactly_once_in_order(connection, 3'000);
}

void survives_stopped_consumer(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 50, 40);
  Child child(harness);
  REQUIRE(eventually_seen(connection, 100));
  child.signal(SIGSTOP);
  RecordingHandler handler("second");
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish_many(node->bus(), connection, 10, 10, "later");
  CHECK(eventually_seen(connection, 2'100));  // the second took all over when the first one's lease ran out
  child.signal(SIGCONT);
  publish_many(node->bus(), connection, 10, 10, "last");
  CHECK(eventually_seen(connection, 2'200));
  consumer->stop();
  child.kill();
  check_exactly_once_in_order(connection, 2'200);
}

void shares_partitions_among_instances(Harness& harness) {
  pg::Connection connection(harness.database());
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::unique_ptr<RecordingHandler>> handlers;
  std::vector<std::unique_ptr<Consumer>> consumers;
  for (int i = 0; i < 3; ++i) {
    nodes.push_back(harness.node());
    handlers.push_back(std::make_unique<RecordingHandler>("instance " + std::to_string(i)));
    consumers.push_back(nodes.back()->bus().consume(consumer_settings(), *handlers.back()));
  }
  int total = 0;
  const auto publish_some = [&](const std::string& prefix) {
    publish_many(nodes[0]->bus(), connection, 40, 5, prefix);
    total += 200;
  };
  consumers[0]->start();
  publish_some("one");
  CHECK(handlers[0]->wait_committed_records(200));
  consumers[1]->start();
  consumers[2]->start();
  // Until another instance works too: what was published meanwhile went through one of them.
  const auto seen_by_others = [&] {
    return connection.run("SELECT count(*) FROM conformance.seen WHERE by_whom <> 'instance 0'")[0][0].as<int>();
  };
  for (int round = 0; round < 500 && seen_by_others() == 0; ++round) {
    publish_some("three-" + std::to_string(round) + "-");
    REQUIRE(eventually_seen(connection, total));
  }
  CHECK(seen_by_others() > 0);
  consumers[1]->stop();
  consumers[0]->stop();
  publish_some("last");
  CHECK(eventually_seen(connection, total));
  for (const auto& consumer : consumers) consumer->stop();
  check_exactly_once_in_order(connection, total);
}

void zombie_can_not_commit(Harness& harness) {
  const auto node = harness.node();
  const auto other_node = harness.node();
  pg::Connection connection(harness.database());
  std::promise<void> entered, release;
  std::shared_future<void> released = release.get_future().share();
  std::atomic<bool> first{true};
  RecordingHandler zombie("zombie");
  zombie.before = [&](std::span<const Received>, pg::Transaction&, Outbox&) {
    if (!first.exchange(false)) return;
    entered.set_value();
    released.wait_for(30s);
  };
  const auto zombie_consumer = node->bus().consume(consumer_settings(), zombie);
  publish_many(node->bus(), connection, 20, 5);
  zombie_consumer->start();
  REQUIRE(entered.get_future().wait_for(30s) == std::future_status::ready);
  harness.take_leases_away(test_group);
  RecordingHandler heir("heir");
  const auto heir_consumer = other_node->bus().consume(consumer_settings(), heir);
  heir_consumer->start();
  CHECK(heir.wait_committed_records(100));
  release.set_value();
  CHECK(zombie.wait_rollbacks(1));
  publish_many(node->bus(), connection, 20, 5, "later");
  CHECK(eventually_seen(connection, 200));
  zombie_consumer->stop();
  heir_consumer->stop();
  check_exactly_once_in_order(connection, 200);
}

void survives_terminated_session(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  pg::Connection administrator(harness.administrator());
  int calls = 0;
  RecordingHandler handler;
  handler.before = [&](std::span<const Received>, pg::Transaction& tx, Outbox&) {
    if (++calls % 3 != 1) return;
    const int pid = tx.run("SELECT pg_backend_pid()")[0][0].as<int>();
    administrator.run("SELECT pg_terminate_backend(" + std::to_string(pid) + ", 5000)");
  };
  publish_many(node->bus(), connection, 20, 20);
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(400));
  CHECK(handler.wait_rollbacks(1));
  consumer->stop();
  check_exactly_once_in_order(connection, 400);
  CHECK(node->bus().peek(dead_letter_topic(test_topic), 0, 0, 10).empty());
}

void conflict_is_tried_again(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  int calls = 0;
  RecordingHandler handler;
  handler.before = [&](std::span<const Received>, pg::Transaction& tx, Outbox&) {
    ++calls;
    if (calls == 1) throw pg::Conflict("lost a race");
    if (calls == 2) tx.run("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$");
    if (calls == 3) throw pg::Unavailable("gone for a moment");
  };
  publish(node->bus(), connection, {numbered("key", 1), numbered("key", 2), numbered("key", 3)});
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_rollbacks(3));
  CHECK(handler.wait_committed_records(3));
  consumer->stop();
  check_exactly_once_in_order(connection, 3);
  for (int partition = 0; partition < node->bus().partitions(); ++partition) {
    CHECK(node->bus().peek(dead_letter_topic(test_topic), partition, 0, 10).empty());
  }
}

void poison_records_go_to_dead_letters(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  const auto is_bad = [](const Received& received) { return received.record.value == "poison"; };
  RecordingHandler handler;
  handler.before = [&](std::span<const Received> batch, pg::Transaction&, Outbox&) {
    if (std::any_of(batch.begin(), batch.end(), is_bad)) throw BadRecord("can't handle this");
  };
  std::vector<Record> records;
  for (int n = 1; n <= 300; ++n) {
    Record record = numbered("key", n);  // one partition: first, last and three more in a row in the middle
    if (n == 1 || n == 300 || (n >= 150 && n < 153)) record.value = "poison";
    records.push_back(std::move(record));
  }
  publish(node->bus(), connection, std::move(records));
  ConsumerSettings settings = consumer_settings();
  settings.batch_records_max = 300;
  const auto consumer = node->bus().consume(settings, handler);
  consumer->start();
  CHECK(handler.wait_committed_records(295));
  const int partition = partition_of("key", node->bus().partitions());
  publish(node->bus(), connection, {numbered("key", 301)});
  CHECK(handler.wait_committed_records(296));
  consumer->stop();
  const auto counts = connection.run(
      "SELECT count(*), count(DISTINCT n), string_agg(n::text, ',' ORDER BY at) = "
      "string_agg(n::text, ',' ORDER BY n) FROM conformance.seen")[0];
  CHECK(counts[0].as<int>() == 296);
  CHECK(counts[1].as<int>() == 296);
  CHECK(counts[2].as<bool>());
  const std::vector<Received> dead = node->bus().peek(dead_letter_topic(test_topic), partition, 0, 100);
  std::vector<std::string> numbers;
  for (const Received& letter : dead) {
    numbers.emplace_back(header(letter.record.headers, "n"));
    CHECK(letter.record.key == "key");
    CHECK(letter.record.value == "poison");
    CHECK(header(letter.record.headers, "dlq-reason") == "HANDLER_FAILED");
    CHECK(header(letter.record.headers, "dlq-detail") == "can't handle this");
    CHECK(header(letter.record.headers, "dlq-topic") == test_topic.name);
  }
  CHECK(numbers == std::vector<std::string>{"1", "150", "151", "152", "300"});
}

void handler_may_dead_letter(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  RecordingHandler handler;
  handler.before = [&](std::span<const Received> batch, pg::Transaction&, Outbox& out) {
    for (const Received& received : batch)
      out.dead_letter(test_topic, received, "MALFORMED_JSON", "no object", from_unix_micros(0));
  };
  publish(node->bus(), connection, {numbered("key", 1)});
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(1));
  consumer->stop();
  const int partition = partition_of("key", node->bus().partitions());
  const std::vector<Received> dead = node->bus().peek(dead_letter_topic(test_topic), partition, 0, 10);
  REQUIRE(dead.size() == 1);
  const Headers& headers = dead[0].record.headers;
  CHECK(header(headers, "dlq-reason") == "MALFORMED_JSON");
  CHECK(header(headers, "dlq-partition") == std::to_string(partition));
  CHECK_FALSE(header(headers, "dlq-seq").empty());
  CHECK(header(headers, "dlq-at") == "1970-01-01T00:00:00.000000Z");
}

void back_pressure_stops_polling(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  RecordingHandler handler;
  handler.accepts = false;
  ConsumerSettings settings = consumer_settings();
  settings.idle_tick = 20ms;
  const auto consumer = node->bus().consume(settings, handler);
  publish_many(node->bus(), connection, 5, 5);
  consumer->start();
  CHECK(handler.wait_ticks(20));
  CHECK(handler.batches() == 0);
  CHECK(consumer->healthy());
  handler.accepts = true;
  CHECK(handler.wait_committed_records(25));
  consumer->stop();
}

void a_backlog_is_read_without_pauses(Harness& harness) {
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 100, 20);
  ConsumerSettings settings = consumer_settings();
  settings.poll_interval = 60s;  // waiting for it once would be too long
  settings.idle_tick = 60s;
  settings.batch_records_max = 50;
  RecordingHandler handler;
  const auto consumer = node->bus().consume(settings, handler);
  consumer->start();
  CHECK(handler.wait_committed_records(2'000));
  consumer->stop();
}

void publish_wakes_consumers(Harness& harness) {
  const auto node = harness.node();
  const auto other = harness.node();
  pg::Connection connection(harness.database());
  ConsumerSettings settings = consumer_settings();
  settings.poll_interval = 60s;  // only a wake-up brings a record in time
  settings.idle_tick = 60s;
  constexpr auto latency_max = 500ms;
  for (Bus* publisher : {&node->bus(), &other->bus()}) {
    RecordingHandler handler;
    const auto consumer = node->bus().consume(settings, handler);
    publish(*publisher, connection, {numbered("first", 1)});
    consumer->start();
    REQUIRE(handler.wait_committed_records(1));
    std::vector<std::chrono::steady_clock::duration> latencies;
    for (std::size_t n = 2; n <= 12; ++n) {
      const auto start = std::chrono::steady_clock::now();
      publish(*publisher, connection, {numbered("next", 1)});
      REQUIRE(handler.wait_committed_records(n));
      latencies.push_back(std::chrono::steady_clock::now() - start);
    }
    std::sort(latencies.begin(), latencies.end());
    CHECK(latencies[latencies.size() / 2] < latency_max);
    consumer->stop();
  }
}

}  // namespace carillon::bus::testing
