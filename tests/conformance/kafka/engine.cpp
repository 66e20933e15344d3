// What only the Kafka engine promises: the relay, records that come twice or early, other producers, the broker's
// bounds, going over from the PostgreSQL engine and back.
#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>

#include "bus/kafka/client.hpp"
#include "bus/offsets.hpp"
#include "bus/postgres/topic_statements.hpp"
#include "bus/testing/scene.hpp"
#include "conformance/kafka/harness.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;

namespace {

// Writes to the topics as somebody who has never heard of an outbox.
class OtherProducer {
 public:
  explicit OtherProducer(const KafkaSettings& settings) : settings_(settings) {
    kafka::ClientConfig config(settings, "other");
    config.set("message.max.bytes", "2000000");
    client_ = std::move(config).make(RD_KAFKA_PRODUCER);
  }
  void produce(const Topic& topic, const std::string& key, std::string value) {
    const std::string name = kafka::topic_name(settings_, topic);
    REQUIRE(rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(name.c_str()), RD_KAFKA_V_KEY(key.data(), key.size()),
                              RD_KAFKA_V_PARTITION(partition_of(key, 4)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_END) == 0);
    REQUIRE(rd_kafka_flush(client_.get(), 10'000) == 0);
  }

 private:
  const KafkaSettings& settings_;
  kafka::ClientHandle client_;
};

// The broker forgets the topics with all that was in them, and has them again, empty.
void lose_topics(const KafkaSettings& settings) {
  const auto client = kafka::ClientConfig(settings, "vandal").make(RD_KAFKA_PRODUCER);
  const std::vector<TopicPlan> plans = topic_plans(settings, {.partitions = 4, .replication = 1});
  std::vector<rd_kafka_DeleteTopic_t*> topics;
  for (const TopicPlan& plan : plans) topics.push_back(rd_kafka_DeleteTopic_new(plan.name.c_str()));
  rd_kafka_queue_t* const queue = rd_kafka_queue_new(client.get());
  rd_kafka_DeleteTopics(client.get(), topics.data(), topics.size(), nullptr, queue);
  rd_kafka_event_t* const event = rd_kafka_queue_poll(queue, 10'000);
  REQUIRE(event != nullptr);
  CHECK(rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  for (int look = 0; look < 500; ++look) {  // the controller deletes at its own pace
    const auto findings = find_topics(settings, plans);
    if (std::all_of(findings.begin(), findings.end(),
                    [](const TopicFinding& f) { return f.state == TopicFinding::State::MISSING; }))
      break;
  }
  for (const TopicFinding& finding : make_topics(settings, plans)) REQUIRE(finding.state == TopicFinding::State::MADE);
}

int dead_letters(Bus& bus, const Topic& topic) {
  int count = 0;
  for (int partition = 0; partition < bus.partitions(); ++partition)
    count += static_cast<int>(bus.peek(dead_letter_topic(topic), partition, 0, 100).size());
  return count;
}

bool relay_is_at_end(pg::Connection& owner) {
  return eventually(owner,
                    "SELECT NOT EXISTS (SELECT FROM (SELECT partition, max(base_seq + record_count) AS head "
                    "FROM bus.send_requests GROUP BY partition) AS h LEFT JOIN bus.bus_offsets o ON o.consumer = "
                    "'relay' AND o.topic = 'notification.send-requests.v1' AND o.partition = h.partition "
                    "WHERE o.next_seq IS DISTINCT FROM h.head)");
}

// The session of the one relay that has all partitions; "" while there is none.
std::string relay_in_charge(pg::Connection& owner) {
  const auto held = owner.run(
      "SELECT CASE WHEN count(*) = 4 AND min(pid) = max(pid) THEN min(pid)::text ELSE '' END FROM pg_locks "
      "WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = (4294967295 & (" +
      std::to_string(lease_lock_key(relay_group, test_topic)) +
      ")::bigint)::oid AND database = (SELECT oid FROM pg_database WHERE datname = current_database())");
  return held[0][0].c_str();
}

}  // namespace

TEST_CASE("kafka bus: records that the relay ships again are seen once") {
  KafkaHarness harness;
  pg::Connection connection(harness.database());
  pg::Connection owner(harness.administrator());
  {
    const auto node = harness.node();
    publish_many(node->bus(), connection, 20, 20);
    REQUIRE(relay_is_at_end(owner));
  }
  owner.run("UPDATE bus.bus_offsets SET next_seq = next_seq / 2");
  const auto node = harness.node();
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish_many(node->bus(), connection, 20, 5, "later");
  CHECK(handler.wait_committed_records(500));
  REQUIRE(relay_is_at_end(owner));
  publish(node->bus(), connection, {numbered("last", 1)});
  CHECK(handler.wait_committed_records(501));
  consumer->stop();
  check_exactly_once_in_order(connection, 501);
}

TEST_CASE("kafka bus: a relay that was stopped and goes on harms nothing") {
  KafkaHarness harness;
  pg::Connection connection(harness.database());
  const Child child(harness);  // relays and consumes
  PostgresNode tables(PostgresHarness::settings_of(harness.database()));
  publish_many(tables.bus(), connection, 40, 10);
  REQUIRE(eventually_seen(connection, 100));
  child.signal(SIGSTOP);
  const auto node = harness.node();
  RecordingHandler handler("second");
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish_many(node->bus(), connection, 40, 10, "later");
  CHECK(eventually_seen(connection, 800));
  child.signal(SIGCONT);
  publish_many(node->bus(), connection, 40, 10, "last");
  CHECK(eventually_seen(connection, 1'200));
  consumer->stop();
  check_exactly_once_in_order(connection, 1'200);
}

TEST_CASE("kafka bus: a relay that stands by ships what nobody else does, and gives way without loss") {
  KafkaHarness harness;
  pg::Connection connection(harness.database());
  pg::Connection owner(harness.administrator());
  const auto standby = harness.standby_node();
  RecordingHandler handler;
  const auto consumer = standby->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish_many(standby->bus(), connection, 20, 5);
  CHECK(handler.wait_committed_records(100));
  const std::string in_charge = relay_in_charge(owner);
  {
    const auto node = harness.node();
    REQUIRE(eventually(owner, [&] { return !relay_in_charge(owner).empty() && relay_in_charge(owner) != in_charge; }));
    publish_many(standby->bus(), connection, 20, 10, "second");
    publish_many(node->bus(), connection, 20, 10, "third");
    CHECK(handler.wait_committed_records(500));
  }
  CHECK(eventually(owner, [&] { return relay_in_charge(owner) == in_charge; }));
  publish_many(standby->bus(), connection, 20, 5, "last");
  CHECK(handler.wait_committed_records(600));
  consumer->stop();
  check_exactly_once_in_order(connection, 600);
}

TEST_CASE("kafka bus: other producers' records are consumed between our own") {
  KafkaHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  OtherProducer other(harness.settings());
  std::vector<Received> got;
  RecordingHandler handler;
  handler.before = [&](std::span<const Received> batch, pg::Transaction&, Outbox&) {
    got.insert(got.end(), batch.begin(), batch.end());
  };
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish(node->bus(), connection, {numbered("key", 1)});
  REQUIRE(handler.wait_committed_records(1));
  other.produce(test_topic, "key", "from elsewhere");
  REQUIRE(handler.wait_committed_records(2));
  publish(node->bus(), connection, {numbered("key", 2)});
  REQUIRE(handler.wait_committed_records(3));
  consumer->stop();
  CHECK(got[0].stored_seq == 1);
  CHECK(got[1].stored_seq == 0);
  CHECK(got[1].record.value == "from elsewhere");
  CHECK(got[2].stored_seq == 2);
}

TEST_CASE("kafka bus: a client that is closed while records still arrive closes") {
  KafkaHarness harness;
  pg::Connection owner(harness.administrator());
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  publish_many(node->bus(), connection, 40, 100);
  REQUIRE(relay_is_at_end(owner));
  for (int round = 0; round < 5; ++round) {
    kafka::ClientConfig config(harness.settings(), "closing");
    config.set("group.id", harness.settings().topic_prefix + "closing");
    config.set("auto.offset.reset", "earliest");
    config.set("enable.auto.commit", "false");
    config.set("fetch.message.max.bytes", "1000");  // many fetches
    const kafka::ClientHandle client = std::move(config).make(RD_KAFKA_CONSUMER);
    kafka::throw_if(rd_kafka_poll_set_consumer(client.get()), "poll_set_consumer");
    const auto topics = kafka::partition_list(1);
    rd_kafka_topic_partition_list_add(topics.get(), kafka::topic_name(harness.settings(), test_topic).c_str(),
                                      RD_KAFKA_PARTITION_UA);
    kafka::throw_if(rd_kafka_subscribe(client.get(), topics.get()), "subscribe");
    bool arrived = false;
    for (int look = 0; look < 100 && !arrived; ++look) {
      const kafka::MessageHandle message(rd_kafka_consumer_poll(client.get(), 200));
      arrived = message != nullptr && message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    REQUIRE(arrived);
    CHECK(kafka::close_consumer(client.get()));
  }
}

TEST_CASE("kafka bus: another producer's record of a megabyte becomes a dead letter, cut") {
  KafkaHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  OtherProducer other(harness.settings());
  RecordingHandler handler;
  handler.before = [&](std::span<const Received> batch, pg::Transaction&, Outbox&) {
    for (const Received& received : batch)
      if (received.record.value.size() > record_bytes_max) throw std::runtime_error("too large");
  };
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  other.produce(test_topic, "key", std::string(1'048'000, 'x'));
  publish(node->bus(), connection, {numbered("key", 1)});
  CHECK(handler.wait_committed_records(1));
  consumer->stop();
  const auto letters = node->bus().peek(dead_letter_topic(test_topic), partition_of("key", 4), 0, 10);
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].record.value.size() == 64 * 1024);
  CHECK(header(letters[0].record.headers, "dlq-cut-from-bytes") == "1048003");
}

TEST_CASE("kafka bus: a row that can't be decoded becomes one dead letter and stops nothing") {
  KafkaHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  pg::Connection owner(harness.administrator());
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish(node->bus(), connection, {numbered("key", 1)});
  REQUIRE(handler.wait_committed_records(1));
  owner.run("INSERT INTO bus.send_requests (partition, base_seq, record_count, records) VALUES (" +
            std::to_string(partition_of("key", 4)) + ", 2, 10, 'garbage')");
  publish(node->bus(), connection, {numbered("key", 2)});
  CHECK(handler.wait_committed_records(2));
  consumer->stop();
  CHECK(dead_letters(node->bus(), test_topic) == 1);
}

TEST_CASE("kafka bus: where the broker no longer has what comes next, that partition stops and others go on") {
  KafkaHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  pg::Connection owner(harness.administrator());
  const int stopped = partition_of("key", 4);
  {
    RecordingHandler handler;
    const auto consumer = node->bus().consume(consumer_settings(), handler);
    consumer->start();
    publish(node->bus(), connection, {numbered("key", 1)});
    REQUIRE(handler.wait_committed_records(1));
  }
  const std::string row = " WHERE consumer = 'conformance' AND partition = " + std::to_string(stopped);
  owner.run("UPDATE conformance.bus_offsets SET next_offset = 1000" + row);
  publish_many(node->bus(), connection, 20, 1);
  int elsewhere = 0;
  for (int key = 0; key < 20; ++key)
    if (partition_of("key" + std::to_string(key), 4) != stopped) ++elsewhere;
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  CHECK(handler.wait_committed_records(static_cast<std::size_t>(elsewhere)));
  owner.run("UPDATE conformance.bus_offsets SET next_offset = -1" + row);  // it looks again by itself
  CHECK(handler.wait_committed_records(20));
  consumer->stop();
  check_exactly_once_in_order(connection, 21);
}

TEST_CASE("kafka bus: after the broker has lost everything the outbox is shipped again and nothing is missing") {
  KafkaHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  pg::Connection owner(harness.administrator());
  RecordingHandler handler;
  {
    const auto consumer = node->bus().consume(consumer_settings(), handler);
    consumer->start();
    publish_many(node->bus(), connection, 20, 10, "consumed");
    REQUIRE(handler.wait_committed_records(200));
  }
  publish_many(node->bus(), connection, 20, 10, "unread");
  REQUIRE(relay_is_at_end(owner));
  lose_topics(harness.settings());
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  publish_many(node->bus(), connection, 20, 10, "after");  // comes to the broker before what is missing
  REQUIRE(relay_is_at_end(owner));
  owner.run("SELECT * FROM bus.ship_again()");
  CHECK(handler.wait_committed_records(600));
  consumer->stop();
  check_exactly_once_per_key(connection, 600);
}

TEST_CASE("kafka bus: a consumer that has read nothing yet doesn't begin behind what the broker has lost") {
  KafkaHarness harness;
  const auto node = harness.node();
  pg::Connection connection(harness.database());
  pg::Connection owner(harness.administrator());
  publish_many(node->bus(), connection, 20, 10, "lost");
  REQUIRE(relay_is_at_end(owner));
  lose_topics(harness.settings());
  publish_many(node->bus(), connection, 20, 10, "after");
  REQUIRE(relay_is_at_end(owner));
  RecordingHandler handler;
  const auto consumer = node->bus().consume(consumer_settings(), handler);
  consumer->start();
  owner.run("SELECT * FROM bus.ship_again()");
  CHECK(handler.wait_committed_records(400));
  consumer->stop();
  check_exactly_once_per_key(connection, 400);
}

TEST_CASE("kafka bus: a platform goes over from PostgreSQL to Kafka and back") {
  KafkaHarness harness;
  pg::Connection connection(harness.database());
  const auto consume = [&](Node& node, const std::string& prefix, int total) {
    RecordingHandler handler;
    const auto consumer = node.bus().consume(consumer_settings(), handler);
    consumer->start();
    publish_many(node.bus(), connection, 20, 10, prefix);
    CHECK(eventually_seen(connection, total));
    consumer->stop();
    publish_many(node.bus(), connection, 20, 2, prefix + "left-");  // for whoever comes next
  };
  PostgresNode tables(PostgresHarness::settings_of(harness.database()));
  consume(tables, "one", 200);
  consume(*harness.node(), "two", 440);
  consume(tables, "three", 680);
  consume(*harness.node(), "four", 920);
  check_exactly_once_per_key(connection, 920);
}

TEST_CASE("kafka bus: topics are made once, found, and refused with the broker's reason") {
  KafkaHarness harness;
  KafkaSettings settings = harness.settings();
  settings.topic_prefix += "more.";
  const std::vector<TopicPlan> plans = topic_plans(settings, {.partitions = 4, .replication = 1});
  for (const TopicFinding& finding : find_topics(settings, plans)) CHECK(finding.state == TopicFinding::State::MISSING);
  for (const TopicFinding& finding : make_topics(settings, plans)) CHECK(finding.state == TopicFinding::State::MADE);
  for (const TopicFinding& finding : make_topics(settings, plans)) CHECK(finding.state == TopicFinding::State::FINE);
  for (const TopicFinding& finding :
       find_topics(settings, topic_plans(settings, {.partitions = 6, .replication = 1}))) {
    CHECK(finding.state == TopicFinding::State::DIFFERENT);
    CHECK(finding.detail == "has 4 partitions, needs 6");
  }
  settings.topic_prefix += "three.";
  for (const TopicFinding& finding :
       make_topics(settings, topic_plans(settings, {.partitions = 4, .replication = 3}))) {
    CHECK(finding.state == TopicFinding::State::REFUSED);
    CHECK_THAT(finding.detail, Catch::Contains("replica", Catch::CaseSensitive::No));
  }
}

TEST_CASE("kafka bus: settings that can't work are refused with their names") {
  KafkaSettings settings;
  settings.brokers = "127.0.0.1:9092";
  CHECK(faults_of(settings).empty());
  settings.properties = {{"acks", "1"}, {"security.protocol", "sometimes"}, {"sasl.mechanims", "PLAIN"}};
  const std::vector<std::string> faults = faults_of(settings);
  REQUIRE(faults.size() == 3);
  CHECK(faults[0] == "acks: is set by the bus itself");
  CHECK_THAT(faults[1], Catch::StartsWith("sasl.mechanims: ") && Catch::Contains("No such configuration property"));
  CHECK_THAT(faults[2], Catch::StartsWith("security.protocol: "));
  settings.properties = {{"security.protocol", "ssl"}, {"ssl.ca.location", "/nowhere/ca.pem"}};
  REQUIRE(faults_of(settings).size() == 1);
  CHECK_THAT(faults_of(settings)[0], Catch::Contains("ssl.ca.location"));
}
