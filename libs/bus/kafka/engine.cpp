#include "bus/kafka/engine.hpp"

#include "bus/kafka/broadcast.hpp"
#include "bus/kafka/consumer.hpp"

namespace carillon::bus {

namespace {

PostgresBusSettings relayed(PostgresBusSettings settings) {
  settings.relayed = true;
  return settings;
}

}  // namespace

KafkaBus::KafkaBus(KafkaSettings kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                   std::span<const ShippedTopic> shipped)
    : settings_(std::move(kafka)),
      tables_(relayed(std::move(postgres)), bell, clock),
      relay_(tables_, settings_, shipped) {}

std::string KafkaBus::client_id(const std::string& purpose) const {
  return tables_.settings().connection.application_name + " " + purpose;
}

std::unique_ptr<Consumer> KafkaBus::consume(ConsumerSettings settings, Handler& handler) {
  return std::make_unique<KafkaConsumer>(*this, std::move(settings), handler);
}

std::unique_ptr<Broadcast> KafkaBus::broadcast(const Topic& topic, std::function<void(const Received&)> on_record) {
  return std::make_unique<KafkaBroadcast>(*this, topic, std::move(on_record));
}

std::unique_ptr<Bus> make_kafka_bus(KafkaSettings kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                                    std::span<const ShippedTopic> shipped) {
  return std::make_unique<KafkaBus>(std::move(kafka), std::move(postgres), bell, clock, shipped);
}

}  // namespace carillon::bus
