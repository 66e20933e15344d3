#include "bus/kafka/broadcast.hpp"

#include <stdexcept>

#include "bus/kafka/engine.hpp"
#include "bus/kafka/message.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

constexpr int broadcast_poll_ms = 100;  // stopping waits this long
constexpr int broadcast_queue_kilobytes = 4 * 1024;

}  // namespace

KafkaBroadcast::KafkaBroadcast(KafkaBus& bus, const Topic& topic, std::function<void(const Received&)> on_record)
    : bus_(bus),
      topic_(topic),
      broker_topic_(kafka::topic_name(bus.settings(), topic)),
      on_record_(std::move(on_record)) {}

KafkaBroadcast::~KafkaBroadcast() {
  stop();
}

void KafkaBroadcast::start() {
  if (thread_.joinable()) return;
  pause_.start();
  thread_ = std::thread([this] { run(); });
}

void KafkaBroadcast::stop() {
  if (!thread_.joinable()) return;
  pause_.stop();
  thread_.join();
}

void KafkaBroadcast::run() {
  name_this_thread("b:" + std::string(topic_.table));
  while (!pause_.stopped()) {
    try {
      turn();
      pause_.reset();
      if (std::exchange(failing_, false)) log::info("bus.broadcast_recovered", {{"topic", topic_.name}});
    } catch (const std::exception& error) {
      if (!std::exchange(failing_, true))
        log::warn("bus.broadcast_failed", {{"topic", topic_.name}, {"reason", error.what()}});
      pause_.wait();
    }
  }
  if (client_) kafka::close_consumer(client_.get());
  client_.reset();
}

void KafkaBroadcast::connect() {
  if (client_) return;
  kafka::ClientConfig config(bus_.settings(), bus_.client_id("broadcast"));
  config.set("group.id", bus_.settings().topic_prefix + "carillon.broadcast");  // asked for, never joined
  config.set("enable.auto.commit", "false");
  config.set("enable.auto.offset.store", "false");
  config.set("enable.partition.eof", "true");
  config.set("auto.offset.reset", "smallest");  // of what is compacted nothing is missed by that
  config.set("queued.max.messages.kbytes", std::to_string(broadcast_queue_kilobytes));
  kafka::ClientHandle client = std::move(config).make(RD_KAFKA_CONSUMER);
  if (const auto error = rd_kafka_poll_set_consumer(client.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(rd_kafka_err2str(error));
  cursors_.clear();
  const kafka::PartitionList list = kafka::partition_list(bus_.partitions());
  for (int partition = 0; partition < bus_.partitions(); ++partition) {
    rd_kafka_topic_partition_list_add(list.get(), broker_topic_.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
    behind_.insert(partition);
  }
  if (const auto error = rd_kafka_assign(client.get(), list.get()); error != RD_KAFKA_RESP_ERR_NO_ERROR)
    throw std::runtime_error(rd_kafka_err2str(error));
  client_ = std::move(client);
}

void KafkaBroadcast::turn() {
  bus_.tables().require_agreement();
  connect();
  const kafka::MessageHandle message(rd_kafka_consumer_poll(client_.get(), broadcast_poll_ms));
  if (!message) return;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return take(*message);
  if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF)
    throw std::runtime_error(rd_kafka_message_errstr(message.get()));
  behind_.erase(message->partition);
  if (behind_.empty()) caught_up_ = true;
}

// An older state of a key that a stopped relay sends late has a lower seq than what came before it.
void KafkaBroadcast::take(const rd_kafka_message_t& message) {
  kafka::ReadMessage read = kafka::read_message(message);
  if (read.origin) {
    const auto cursor = cursors_.try_emplace({message.partition, read.origin->source}, kafka::Cursor(0, true)).first;
    if (cursor->second.look(read.origin->seq, read.origin->next_seq) != kafka::Verdict::TAKE) return;
    read.received.stored_seq = read.origin->seq;
    if (read.origin->is_corrupt()) {
      log::error("bus.corrupt_batch",
                 {{"topic", topic_.name}, {"partition", message.partition}, {"seq", read.origin->seq}});
      return;
    }
  }
  on_record_(read.received);
}

}  // namespace carillon::bus
