// Broadcast on the Kafka engine: one thread, one client without a group, offsets in memory only.
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "bus/bus.hpp"
#include "bus/kafka/client.hpp"
#include "bus/kafka/cursor.hpp"
#include "bus/retry_pause.hpp"

namespace carillon::bus {

class KafkaBus;

class KafkaBroadcast final : public Broadcast {
 public:
  KafkaBroadcast(KafkaBus& bus, const Topic& topic, std::function<void(const Received&)> on_record);
  ~KafkaBroadcast() override;
  void start() override;
  void stop() override;
  bool caught_up() const override { return caught_up_; }

 private:
  void run();
  void turn();
  void connect();
  void take(const rd_kafka_message_t& message);
  KafkaBus& bus_;
  const Topic topic_;
  const std::string broker_topic_;
  const std::function<void(const Received&)> on_record_;
  kafka::ClientHandle client_;
  std::map<std::pair<int, std::string>, kafka::Cursor> cursors_;  // by partition and database
  std::set<int> behind_;                                          // partitions whose end has not been reached yet
  bool failing_ = false;
  RetryPause pause_;
  std::atomic<bool> caught_up_{false};
  std::thread thread_;
};

}  // namespace carillon::bus
