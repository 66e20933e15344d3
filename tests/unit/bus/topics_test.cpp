#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "bus/outbox.hpp"
#include "bus/postgres/topic_statements.hpp"
#include "bus/record.hpp"
#include "bus/topics.hpp"

using namespace carillon;
using namespace carillon::bus;

TEST_CASE("partition_of: agrees with Kafka's murmur2") {
  // From UtilsTest.testMurmur2 of Apache Kafka, as toPositive(hash).
  constexpr int all = std::numeric_limits<int>::max();
  const auto positive = [](std::int32_t hash) {
    return static_cast<int>(static_cast<std::uint32_t>(hash) & 0x7fffffffU);
  };
  CHECK(partition_of("21", all) == positive(-973'932'308));
  CHECK(partition_of("foobar", all) == positive(-790'332'482));
  CHECK(partition_of("a-little-bit-long-string", all) == positive(-985'981'536));
  CHECK(partition_of("a-little-bit-longer-string", all) == positive(-1'486'304'829));
  CHECK(partition_of("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", all) == positive(-58'897'971));
  CHECK(partition_of("abc", all) == positive(479'470'107));
}

TEST_CASE("topics: every topic has one dead-letter topic, which is its own") {
  for (const Topic& topic : topics::all) {
    const Topic letters = dead_letter_topic(topic);
    CHECK(letters.name.ends_with(".dlq"));
    CHECK(dead_letter_topic(letters).name == letters.name);
    REQUIRE(find_topic(topic.name) != nullptr);
    CHECK(find_topic(topic.name)->table == topic.table);
  }
  CHECK(dead_letter_topic(topics::dispatch).table == "dispatch_dlq");
  CHECK(find_topic("nothing") == nullptr);
}

TEST_CASE("lock keys: publishing and leases never share one, and groups differ") {
  std::set<std::int32_t> publish, lease;
  for (const Topic& topic : topics::all) {
    publish.insert(publish_lock_key(topic));
    for (const char* group : {"orchestrator", "dispatcher", "health"}) lease.insert(lease_lock_key(group, topic));
  }
  CHECK(publish.size() == topics::all.size());
  CHECK(lease.size() == 3 * topics::all.size());
  CHECK(*publish.begin() >= 0);
  CHECK(*lease.rbegin() < 0);
  CHECK(group_lock_key("a", topics::audit) != group_lock_key("b", topics::audit));
  CHECK_THROWS_AS(statements_of(Topic{"x", "x"}), std::invalid_argument);
}

TEST_CASE("outbox: keeps the order within a topic and refuses what is too large before anything is written") {
  Outbox out;
  out.publish(topics::audit, {"a", {}, "1"});
  out.publish(topics::dispatch, {"b", {}, "2"});
  out.publish(topics::audit, {"a", {}, "3"});
  REQUIRE(out.records().size() == 2);
  const auto& audit = out.records().at("audit.v1").second;
  REQUIRE(audit.size() == 2);
  CHECK(audit[0].value == "1");
  CHECK(audit[1].value == "3");
  CHECK_THROWS_AS(out.publish(topics::audit, {"", {}, std::string(record_bytes_max + 1, 'x')}), RecordTooLarge);
  CHECK_THROWS_AS(out.publish(topics::audit, {"", {{"name", std::string(record_bytes_max, 'x')}}, ""}), RecordTooLarge);
  Headers too_many;
  for (std::size_t i = 0; i <= record_headers_max; ++i) too_many.emplace_back("", "");
  CHECK_THROWS_AS(out.publish(topics::audit, {"", too_many, ""}), RecordTooLarge);
  CHECK(audit.size() == 2);
}

TEST_CASE("outbox: a dead letter keeps the record, says where it came from and may be as large as any record") {
  Outbox out;
  const Received received{3, 17, {}, {"key", {{"h", "v"}}, std::string(record_bytes_max - 7, 'x')}};
  out.dead_letter(topics::dispatch, received, "REASON", std::string(5'000, 'd'), from_unix_micros(1));
  const Record& letter = out.records().at("notification.dispatch.v1.dlq").second.at(0);
  CHECK(letter.key == "key");
  CHECK(letter.value == received.record.value);
  CHECK(header(letter.headers, "h") == "v");
  CHECK(header(letter.headers, "dlq-topic") == "notification.dispatch.v1");
  CHECK(header(letter.headers, "dlq-partition") == "3");
  CHECK(header(letter.headers, "dlq-seq") == "17");
  CHECK(header(letter.headers, "dlq-reason") == "REASON");
  CHECK(header(letter.headers, "dlq-detail").size() == 1'024);
  CHECK(header(letter.headers, "dlq-at") == "1970-01-01T00:00:00.000001Z");
}

TEST_CASE("outbox: of a record above the bounds a dead letter keeps the beginning and says how large it was") {
  Outbox out;
  const Received large{0, 1, {}, {std::string(5'000, 'k'), {{"h", "v"}}, std::string(2 * record_bytes_max, 'x')}};
  out.dead_letter(topics::dispatch, large, "REASON", "", from_unix_micros(1));
  Received many{0, 2, {}, {"key", {}, "value"}};
  for (std::size_t i = 0; i <= record_headers_max; ++i) many.record.headers.emplace_back("n", "v");
  out.dead_letter(topics::dispatch, many, "REASON", "", from_unix_micros(1));
  const auto& letters = out.records().at("notification.dispatch.v1.dlq").second;
  CHECK(letters[0].key == std::string(1'024, 'k'));
  CHECK(letters[0].value == std::string(64 * 1'024, 'x'));
  CHECK(header(letters[0].headers, "h") == "v");
  CHECK(header(letters[0].headers, "dlq-cut-from-bytes") ==
        std::to_string(2 * record_bytes_max + 5'000 + large.record.headers.packed().size()));
  CHECK(letters[1].value == "value");
  CHECK(header(letters[1].headers, "n").empty());
  CHECK(header(letters[1].headers, "dlq-reason") == "REASON");
}
