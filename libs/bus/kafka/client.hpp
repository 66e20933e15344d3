// librdkafka's handles with owners, and the making of clients. Private to libs/bus.
#pragma once
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "bus/kafka/kafka_bus.hpp"

namespace carillon::bus::kafka {

template <auto destroy>
struct Destroy {
  template <typename T>
  void operator()(T* handle) const {
    destroy(handle);
  }
};

// librdkafka 2.0 may wait for its own threads for ever when a client ends after topics were deleted or brokers
// restarted (its issues 4131 and 4362). After this time such a client is left behind with a warning,
// kafka.client_left_behind: its threads idle until the process ends.
inline constexpr std::chrono::milliseconds client_end_max{5'000};
struct EndClient {
  void operator()(rd_kafka_t* client) const;
};
using ClientHandle = std::unique_ptr<rd_kafka_t, EndClient>;
using MessageHandle = std::unique_ptr<rd_kafka_message_t, Destroy<rd_kafka_message_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;

// The settings of one client: the operator's first, then ours. What librdkafka has to say is logged as kafka.client.
class ClientConfig {
 public:
  // Throws std::invalid_argument with librdkafka's reason.
  ClientConfig(const KafkaSettings& settings, const std::string& client_id);
  void set(const char* name, const std::string& value);
  rd_kafka_conf_t* get() { return conf_.get(); }  // for callbacks
  // Throws std::runtime_error with librdkafka's reason, e.g. a certificate that can't be read.
  ClientHandle make(rd_kafka_type_t type) &&;

 private:
  std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>> conf_;
};

// The name of a topic on the broker.
std::string topic_name(const KafkaSettings& settings, const Topic& topic);

// Throws std::runtime_error: what, and librdkafka's reason.
void throw_if(rd_kafka_resp_err_t error, const char* what);

PartitionList partition_list(int size);

// Leaves the group and gives the partitions back, calling the rebalance callback on this thread. False when that took
// longer than `wait_max`: then the broker finds out by the session's time-out.
bool close_consumer(rd_kafka_t* client, std::chrono::milliseconds wait_max = client_end_max);

}  // namespace carillon::bus::kafka
