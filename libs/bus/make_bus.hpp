// The bus of a service, on the engine that the process is set up for.
#pragma once
#include <memory>
#include <span>

#include "bus/kafka/kafka_bus.hpp"
#include "bus/postgres/postgres_bus.hpp"

namespace carillon::bus {

struct ServiceTopics {
  std::span<const Topic> writes, reads;
  std::span<const Topic> writes_most;  // of `writes`: no other service writes more of them; see ShippedTopic
};

// `kafka` null: engine postgres. On Kafka the service relays its topics, and the dead letters of those it reads. State
// topics are relayed by their readers too, since the command line writes them.
std::unique_ptr<Bus> make_bus(const KafkaSettings* kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                              const ServiceTopics& topics);

}  // namespace carillon::bus
