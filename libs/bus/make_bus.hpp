// The bus of a service, on the engine that the process is set up for.
#pragma once
#include <memory>
#include <span>

#include "bus/kafka/kafka_bus.hpp"
#include "bus/postgres/postgres_bus.hpp"

namespace carillon::bus {

// `kafka` null: engine postgres. On Kafka the service relays the topics it writes or reads, so that what was published
// reaches the broker as long as one of those concerned runs.
std::unique_ptr<Bus> make_bus(const KafkaSettings* kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                              std::span<const Topic> writes, std::span<const Topic> reads);

}  // namespace carillon::bus
