// The Kafka engine behind bus.hpp. Private to libs/bus.
#pragma once
#include <mutex>
#include <string>

#include "bus/kafka/kafka_bus.hpp"
#include "bus/postgres/engine.hpp"
#include "bus/relay/relay.hpp"

namespace carillon::bus {

class KafkaBus final : public Bus {
 public:
  KafkaBus(KafkaSettings kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
           std::span<const ShippedTopic> shipped);
  void flush(Outbox& out, pg::Transaction& tx) override { tables_.flush(out, tx); }
  void commit(Outbox& out, pg::Transaction& tx) override { tables_.commit(out, tx); }
  void wake(Outbox& out) override { tables_.wake(out); }
  std::unique_ptr<Consumer> consume(ConsumerSettings settings, Handler& handler) override;
  std::unique_ptr<Broadcast> broadcast(const Topic& topic, std::function<void(const Received&)> on_record) override;
  // What went through the outbox; what other producers wrote to the broker is not among it.
  std::vector<Received> peek(const Topic& topic, int partition, std::int64_t after_seq,
                             std::size_t records_max) override {
    return tables_.peek(topic, partition, after_seq, records_max);
  }
  std::vector<std::optional<Record>> read_back(const Topic& topic, std::span<const Place> places,
                                               pg::Transaction& tx) override {
    return tables_.read_back(topic, places, tx);
  }
  int partitions() const override { return tables_.partitions(); }

  // For its consumers.
  const KafkaSettings& settings() const { return settings_; }
  PostgresBus& tables() { return tables_; }
  const Clock& clock() const { return tables_.clock(); }
  std::string client_id(const std::string& purpose) const;

 private:
  const KafkaSettings settings_;
  PostgresBus tables_;
  Relay relay_;
};

}  // namespace carillon::bus
