// librdkafka's handles with owners, and the making of clients. Private to libs/bus.
#pragma once
#include <librdkafka/rdkafka.h>

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

using ClientHandle = std::unique_ptr<rd_kafka_t, Destroy<rd_kafka_destroy>>;
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

}  // namespace carillon::bus::kafka
