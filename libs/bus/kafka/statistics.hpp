// What librdkafka tells about a client every few seconds, as metrics. Figures over all brokers that the client knows.
// https://github.com/confluentinc/librdkafka/blob/master/STATISTICS.md names the fields.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/metrics.hpp"

namespace carillon::bus {
class PostgresBus;
}

namespace carillon::bus::kafka {

struct Statistics {
  std::int64_t requests = 0, failures = 0;  // since the client was made
  std::int64_t bytes_sent = 0, bytes_received = 0;
  int brokers_up = 0;
  double round_trip_p99_seconds = 0;  // the slowest broker's
  std::int64_t waiting = 0;           // records of a producer that aren't acknowledged; fetched ones of a consumer
};

// Failure: the text isn't JSON or has no "brokers".
std::optional<Statistics> read_statistics(std::string_view json);

// Set as statistics.interval.ms of a client, whose stats_cb calls take() on the thread that polls it.
class ClientMetrics {
 public:
  static constexpr int interval_ms = 5'000;
  // `client` names it among the process's others, e.g. "orchestrator relay".
  ClientMetrics(const PostgresBus& bus, const std::string& client);
  void client_made();  // its counts begin at nought again
  void take(std::string_view json);

 private:
  metrics::Counter requests_, failures_, bytes_sent_, bytes_received_;
  metrics::Gauge brokers_up_, round_trip_, waiting_;
  Statistics before_;
};

}  // namespace carillon::bus::kafka
