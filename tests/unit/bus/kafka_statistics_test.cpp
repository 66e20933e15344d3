#include <catch2/catch.hpp>

#include "bus/kafka/statistics.hpp"

using carillon::bus::kafka::read_statistics;

// As librdkafka 2.0 writes it, cut to the members that are read and their neighbours.
TEST_CASE("kafka statistics: figures are summed over the brokers, the slowest one's round trip counts") {
  const auto sum = read_statistics(R"({
    "name": "rdkafka#producer-1", "type": "producer", "msg_cnt": 22710, "msg_size": 704010,
    "brokers": {
      "localhost:9092/2": {"nodeid": 2, "state": "UP", "tx": 320, "txbytes": 84283332, "txerrs": 1, "txretries": 0,
                           "req_timeouts": 2, "rx": 310, "rxbytes": 15708, "rxerrs": 3,
                           "rtt": {"min": 1580, "max": 3389, "avg": 2349, "p99": 3375}},
      "localhost:9093/3": {"nodeid": 3, "state": "DOWN", "tx": 10, "txbytes": 100, "rxbytes": 20,
                           "rtt": {"p99": 7000}},
      "GroupCoordinator": {"nodeid": -1, "state": "UP", "tx": 5, "txbytes": 50, "rxbytes": 5}
    },
    "topics": {"test": {"topic": "test", "partitions": {"0": {"fetchq_cnt": 7}, "-1": {"fetchq_cnt": 0}}}}
  })");
  REQUIRE(sum);
  CHECK(sum->requests == 335);
  CHECK(sum->failures == 6);
  CHECK(sum->bytes_sent == 84283482);
  CHECK(sum->bytes_received == 15733);
  CHECK(sum->brokers_up == 1);
  CHECK(sum->round_trip_p99_seconds == Approx(0.007));
  CHECK(sum->waiting == 22717);
}

TEST_CASE("kafka statistics: what can't be read is nothing") {
  CHECK_FALSE(read_statistics(""));
  CHECK_FALSE(read_statistics("[]"));
  CHECK_FALSE(read_statistics("{\"brokers\":3}"));
  REQUIRE(read_statistics("{\"brokers\":{\"x\":1}}"));
  CHECK(read_statistics("{\"brokers\":{}}")->requests == 0);
}
