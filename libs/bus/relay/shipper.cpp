#include "bus/relay/shipper.hpp"

#include <stdexcept>

#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

constexpr int poll_ms = 100;
constexpr int queue_kilobytes_max = 64 * 1024;
constexpr int message_bytes_max = 1'000'000;  // record_bytes_max and what headers and framing add

void* packed(const ShipmentId& id) {
  static_assert(sizeof(void*) == sizeof(std::uint64_t));
  const std::uint64_t bits =
      static_cast<std::uint64_t>(id.seq) | std::uint64_t{id.stream} << 56 | std::uint64_t{id.generation} << 40;
  return reinterpret_cast<void*>(bits);  // NOLINT(performance-no-int-to-ptr): an opaque word, never followed
}

ShipmentId unpacked(const void* opaque) {
  const auto bits = reinterpret_cast<std::uint64_t>(opaque);
  return {static_cast<std::uint8_t>(bits >> 56), static_cast<std::uint16_t>(bits >> 40),
          static_cast<std::int64_t>(bits & static_cast<std::uint64_t>(ShipmentId::seq_max))};
}

}  // namespace

Shipper::Shipper(const KafkaSettings& settings, const std::string& client_id, kafka::ClientMetrics& metrics)
    : metrics_(metrics) {
  kafka::ClientConfig config(settings, client_id);
  config.set("enable.idempotence", "true");  // and with it acks=all and order within a partition
  config.set("message.timeout.ms", "0");     // never given up: the table keeps what isn't acknowledged
  config.set("message.max.bytes", std::to_string(message_bytes_max));
  config.set("queue.buffering.max.kbytes", std::to_string(queue_kilobytes_max));
  if (!settings.properties.contains("linger.ms") && !settings.properties.contains("queue.buffering.max.ms"))
    config.set("linger.ms", "0");  // records come in batches already
  rd_kafka_conf_set_opaque(config.get(), this);
  rd_kafka_conf_set_dr_msg_cb(config.get(), on_delivery);
  config.set("statistics.interval.ms", std::to_string(kafka::ClientMetrics::interval_ms));
  rd_kafka_conf_set_stats_cb(config.get(), on_statistics);
  metrics_.client_made();
  client_ = std::move(config).make(RD_KAFKA_PRODUCER);
  thread_ = std::thread([this] { run(); });
}

Shipper::~Shipper() {
  stopping_ = true;
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
  thread_.join();
}

bool Shipper::ship(const std::string& topic, const Received& received, const kafka::Origin& origin,
                   const ShipmentId& id) {
  const rd_kafka_resp_err_t error = kafka::produce(client_.get(), topic.c_str(), received, origin, packed(id));
  if (error == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
  if (error == RD_KAFKA_RESP_ERR__FATAL) broken_ = true;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
  return true;
}

std::vector<Answer> Shipper::take_answers() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

void Shipper::finish(std::chrono::milliseconds wait_max) {
  rd_kafka_flush(client_.get(), static_cast<int>(wait_max.count()));
}

void Shipper::on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self) {
  auto& shipper = *static_cast<Shipper*>(self);
  Answer answer{unpacked(message->_private), message->partition, {}};
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    answer.failure = rd_kafka_err2str(message->err);
    char reason[256];
    if (rd_kafka_fatal_error(client, reason, sizeof reason) != RD_KAFKA_RESP_ERR_NO_ERROR) {
      answer.failure = reason;
      shipper.broken_ = true;
    }
  }
  const std::lock_guard lock(shipper.mutex_);
  shipper.answers_.push_back(std::move(answer));
}

int Shipper::on_statistics(rd_kafka_t* /*client*/, char* json, std::size_t bytes, void* self) {
  static_cast<Shipper*>(self)->metrics_.take({json, bytes});
  return 0;  // the text stays the client's
}

void Shipper::run() {
  name_this_thread("relay-answers");
  while (!stopping_) rd_kafka_poll(client_.get(), poll_ms);
}

}  // namespace carillon::bus
