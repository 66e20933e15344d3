// Records as they travel: opaque bytes with a key and headers.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "events/headers.hpp"
#include "time/utc_time.hpp"

namespace carillon::bus {

using events::Headers;

struct Record {
  std::string key;  // records of one key keep their order; "" is spread over partitions by round robin
  Headers headers;  // CloudEvents attributes (ce_*), content-type, traceparent
  std::string value;
};

// Where a record is in its topic.
struct Place {
  int partition = 0;
  std::int64_t seq = 0;
};

// A record with its place. `seq` grows within a partition: the number in the table, or the offset on Kafka.
struct Received {
  int partition = 0;
  std::int64_t seq = 0;
  UtcTime published_at{};
  Record record;
  std::int64_t stored_seq = 0;  // where Bus::read_back finds it; 0: nowhere, another producer wrote it to Kafka
};

// Key, headers and value together; larger ones are refused before anything is written.
inline constexpr std::size_t record_bytes_max = 900 * 1024;
inline constexpr std::size_t record_headers_max = 200;

std::string_view header(const Headers& headers, std::string_view name);  // "" when absent

// The partition of a key: murmur2 like Kafka's own default, so that both engines and foreign producers agree.
int partition_of(std::string_view key, int partitions);

}  // namespace carillon::bus
