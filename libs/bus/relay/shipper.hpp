// The producer of a relay: takes records and tells later, on another thread, what became of each. Thread-safe where a
// line says so.
#pragma once
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bus/kafka/client.hpp"
#include "bus/kafka/message.hpp"
#include "bus/kafka/statistics.hpp"
#include "bus/record.hpp"

namespace carillon::bus {

// What a record is known by until its answer comes. Fits a pointer.
struct ShipmentId {
  std::uint8_t stream = 0;
  std::uint16_t generation = 0;
  std::int64_t seq = 0;  // below 2^40
  static constexpr std::int64_t seq_max = (std::int64_t{1} << 40) - 1;
};

struct Answer {
  ShipmentId id;
  int partition = 0;
  std::string failure;  // "" = on the broker, as safe as the topic's settings make it
};

class Shipper {
 public:
  // `metrics` outlives it.
  Shipper(const KafkaSettings& settings, const std::string& client_id, kafka::ClientMetrics& metrics);
  ~Shipper();  // what is still on its way may arrive or not

  // False when the queue is full: wait for answers. Throws std::runtime_error when the client refuses the record.
  bool ship(const std::string& topic, const Received& received, const kafka::Origin& origin, const ShipmentId& id);
  std::vector<Answer> take_answers();               // any thread
  bool broken() const { return broken_; }           // any thread: make another one
  void finish(std::chrono::milliseconds wait_max);  // until all is answered, or the time is over

 private:
  static void on_delivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* self);
  static int on_statistics(rd_kafka_t* client, char* json, std::size_t bytes, void* self);
  void run();
  kafka::ClientMetrics& metrics_;
  std::mutex mutex_;
  std::vector<Answer> answers_;  // guarded by mutex_
  std::atomic<bool> broken_{false}, stopping_{false};
  kafka::ClientHandle client_;
  std::thread thread_;
};

}  // namespace carillon::bus
