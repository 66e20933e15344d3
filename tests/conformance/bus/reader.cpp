// Reading a partition from the table and from memory at once.
#include "bus/postgres/reader.hpp"

#include <catch2/catch.hpp>

#include "bus/testing/scene.hpp"
#include "conformance/bus/postgres_harness.hpp"

using namespace carillon;
using namespace carillon::bus;
using namespace carillon::bus::testing;

namespace {

constexpr int partition = 0;
constexpr FetchBounds bounds{1'000, 1U << 20};

// Rows of one record each in the table, row N with seq N; what is handed over says so in its value.
class Scene {
 public:
  explicit Scene(int rows) : connection_(harness_.administrator()) {
    handover_.hold(test_topic.table, {partition});
    const auto node = harness_.node();
    std::string key;
    for (int n = 0; partition_of(key = "key" + std::to_string(n), node->bus().partitions()) != partition;) ++n;
    for (int n = 1; n <= rows; ++n) publish(node->bus(), connection_, {{key, {}, "table"}});
  }
  void hand_over(std::initializer_list<int> seqs) {
    for (const int seq : seqs) handover_.put(test_topic.table, {partition, seq, {}, {{"", {}, "handed"}}});
  }
  // Each record's seq, with an h where it was handed over; dots where there may be more.
  std::string fetched_from(std::int64_t next_seq) {
    std::string seqs;
    const Fetched fetched = reader_.fetch(connection_, handover_, {{partition, next_seq}});
    for (std::size_t i = 0; i < fetched.records.size(); ++i) {
      const Received& received = fetched.records[i];
      CHECK(fetched.after[i].next_seq == received.seq + 1);
      seqs += std::to_string(received.seq) + (received.record.value == "handed" ? "h " : " ");
    }
    return seqs + (fetched.cut ? "..." : "");
  }
  pg::Connection& connection() { return connection_; }
  Handover& handover() { return handover_; }

 private:
  PostgresHarness harness_;
  pg::Connection connection_;
  Handover handover_;
  Reader reader_{test_topic, bounds};
};

}  // namespace

TEST_CASE("reader: what is in memory is not read from the table, and all comes in the order of its seqs") {
  Scene scene(7);
  scene.hand_over({2, 5, 6});
  CHECK(scene.fetched_from(1) == "1 2h 3 4 5h 6h 7 ");
  CHECK(scene.fetched_from(1) == "1 2 3 4 5 6 7 ");
  scene.hand_over({2, 3});
  CHECK(scene.fetched_from(3) == "3h 4 5 6 7 ");
  scene.hand_over({1, 2, 3, 4, 5, 6, 7});
  CHECK(scene.fetched_from(1) == "1h 2h 3h 4h 5h 6h 7h ");
}

TEST_CASE("reader: what comes behind the end of the table's answer stays in memory") {
  Scene scene(30);
  scene.hand_over({3, 18, 25});
  CHECK(scene.fetched_from(1) == "1 2 3h 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18h ...");
  CHECK(scene.fetched_from(19) == "19 20 21 22 23 24 25h 26 27 28 29 30 ");
}

TEST_CASE("reader: where the table begins later, so does what is read") {
  Scene scene(6);
  scene.connection().run("DELETE FROM bus.send_requests WHERE base_seq < 4");
  scene.hand_over({4, 6});
  CHECK(scene.fetched_from(1) == "4h 5 6h ");
}

TEST_CASE("reader: a partition that is not held is read from the table") {
  Scene scene(3);
  scene.hand_over({1, 2});
  scene.handover().hold(test_topic.table, {});
  CHECK(scene.fetched_from(1) == "1 2 3 ");
}
