#include "bus/kafka/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <stdexcept>
#include <thread>

#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace kafka {
namespace {

// The bus's promises hang on these, so an operator may not set them.
constexpr std::array<std::string_view, 22> our_own{
    "acks",
    "allow.auto.create.topics",
    "auto.offset.reset",
    "bootstrap.servers",
    "client.id",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "group.instance.id",
    "group.protocol",
    "heartbeat.interval.ms",
    "max.poll.interval.ms",
    "message.max.bytes",
    "message.timeout.ms",
    "metadata.broker.list",
    "partition.assignment.strategy",
    "request.required.acks",
    "session.timeout.ms",
    "statistics.interval.ms",
    "transactional.id",
};
constexpr int log_level_warning = 4;  // syslog's
constexpr std::size_t reason_bytes_max = 512;
constexpr std::chrono::milliseconds close_poll{100};

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  if (level > log_level_warning) return;
  log::warn("kafka.client", {{"client", rd_kafka_name(client)}, {"facility", facility}, {"reason", text}});
}

std::string fault_of(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  if (std::binary_search(our_own.begin(), our_own.end(), name)) return name + ": is set by the bus itself";
  char reason[reason_bytes_max];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), reason, sizeof reason) == RD_KAFKA_CONF_OK) return {};
  return name + ": " + reason;
}

}  // namespace

ClientConfig::ClientConfig(const KafkaSettings& settings, const std::string& client_id) : conf_(rd_kafka_conf_new()) {
  for (const auto& [name, value] : settings.properties) {
    const std::string fault = fault_of(conf_.get(), name, value);
    if (!fault.empty()) throw std::invalid_argument(fault);
  }
  rd_kafka_conf_set_log_cb(conf_.get(), on_log);
  set("bootstrap.servers", settings.brokers);
  set("client.id", client_id);
}

void ClientConfig::set(const char* name, const std::string& value) {
  char reason[reason_bytes_max];
  if (rd_kafka_conf_set(conf_.get(), name, value.c_str(), reason, sizeof reason) != RD_KAFKA_CONF_OK)
    throw std::invalid_argument(fmt::format("{}: {}", name, reason));
}

ClientHandle ClientConfig::make(rd_kafka_type_t type) && {
  char reason[reason_bytes_max];
  ClientHandle client(rd_kafka_new(type, conf_.get(), reason, sizeof reason));
  if (!client) throw std::runtime_error(fmt::format("a Kafka client can't be made: {}", reason));
  conf_.release();  // the client has it now
  return client;
}

std::string topic_name(const KafkaSettings& settings, const Topic& topic) {
  return settings.topic_prefix + std::string(topic.name);
}

void throw_if(rd_kafka_resp_err_t error, const char* what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(fmt::format("{}: {}", what, rd_kafka_err2str(error)));
}

void EndClient::operator()(rd_kafka_t* client) const {
  const std::string name = rd_kafka_name(client);
  std::promise<void> ended;
  std::future<void> end = ended.get_future();
  std::thread([client, ended = std::move(ended)]() mutable {
    name_this_thread("kafka-end");
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);  // closed before, or never joined a group
    ended.set_value();
  }).detach();
  if (end.wait_for(client_end_max) != std::future_status::ready)
    log::warn("kafka.client_left_behind", {{"client", name}});
}

bool close_consumer(rd_kafka_t* client, std::chrono::milliseconds wait_max) {
  const std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>> queue(rd_kafka_queue_new(client));
  const ErrorHandle error(rd_kafka_consumer_close_queue(client, queue.get()));
  if (error) return false;
  const auto give_up_at = std::chrono::steady_clock::now() + wait_max;
  while (rd_kafka_consumer_closed(client) == 0) {
    if (std::chrono::steady_clock::now() >= give_up_at) {
      log::warn("kafka.consumer_not_closed", {{"client", rd_kafka_name(client)}});
      return false;
    }
    // Messages that were fetched meanwhile come here too and belong to whoever gets the partition: they are dropped.
    // (rd_kafka_queue_poll_callback would abort the process at the first one.)
    const MessageHandle dropped(rd_kafka_consume_queue(queue.get(), static_cast<int>(close_poll.count())));
  }
  return true;
}

PartitionList partition_list(int size) {
  return PartitionList(rd_kafka_topic_partition_list_new(size));
}

}  // namespace kafka

std::vector<std::string> faults_of(const KafkaSettings& settings) {
  std::vector<std::string> faults;
  if (settings.brokers.empty()) faults.emplace_back("the list of brokers is empty");
  const std::unique_ptr<rd_kafka_conf_t, kafka::Destroy<rd_kafka_conf_destroy>> scratch(rd_kafka_conf_new());
  for (const auto& [name, value] : settings.properties) {
    std::string fault = kafka::fault_of(scratch.get(), name, value);
    if (!fault.empty()) faults.push_back(std::move(fault));
  }
  if (!faults.empty()) return faults;
  try {  // files of certificates, mechanisms that this librdkafka has not, settings that contradict each other
    kafka::ClientConfig(settings, "carillon-check").make(RD_KAFKA_PRODUCER);
  } catch (const std::exception& error) {
    faults.emplace_back(error.what());
  }
  return faults;
}

}  // namespace carillon::bus
