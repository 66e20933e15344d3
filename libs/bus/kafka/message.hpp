// Records as messages of Kafka and back. Private to libs/bus.
#pragma once
#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bus/record.hpp"

namespace carillon::bus::kafka {

// Headers that say where in which outbox a record comes from; records of other producers have none of them.
inline constexpr std::string_view source_header = "carillon_source";  // the id of the database
inline constexpr std::string_view seq_header = "carillon_seq";        // the seq in its table, decimal
// The seq after it, where that isn't the next number: the record is a row of the table that can't be decoded.
inline constexpr std::string_view next_seq_header = "carillon_next_seq";

struct Origin {
  std::string source;
  std::int64_t seq = 0, next_seq = 0;
  bool is_corrupt() const { return next_seq != seq + 1; }
};

struct ReadMessage {
  Received received;  // stored_seq not set yet: the origin may be another database's
  std::optional<Origin> origin;
};

// Takes key, headers and value; the two headers above become the origin. Malformed ones make it another producer's.
ReadMessage read_message(const rd_kafka_message_t& message);

// Hands the record to the client's queue. RD_KAFKA_RESP_ERR_NO_ERROR, or why it was not taken, e.g. __QUEUE_FULL.
// `opaque` comes back with the delivery report.
rd_kafka_resp_err_t produce(rd_kafka_t* client, const char* topic, const Received& received, const Origin& origin,
                            void* opaque);

}  // namespace carillon::bus::kafka
