// Engine `kafka`: what services publish goes into the same tables as on the engine `postgres`, in the same transaction;
// a relay ships the tables to the topics of a broker, and consumers read those. Offsets stay in PostgreSQL.
#pragma once
#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "bus/postgres/postgres_bus.hpp"
#include "time/clock.hpp"

namespace carillon::bus {

struct KafkaSettings {
  std::string brokers;       // host:port,host:port
  std::string topic_prefix;  // before the name of every topic and group; "" for a broker of our own
  std::map<std::string, std::string> properties;  // librdkafka's, from the operator: security, sockets, compression
  // A stopped process loses its partitions after this time; the broker's group.min.session.timeout.ms bounds it.
  std::chrono::milliseconds session_timeout{10'000};
  // And one whose batch takes longer than this. A statement's time limit is well below it.
  std::chrono::milliseconds max_poll_interval{60'000};
};

// What is wrong with the settings, a line each, as librdkafka says it: unknown names, bad values, names that the bus
// sets itself because its promises hang on them. Empty: none. Contacts nobody.
std::vector<std::string> faults_of(const KafkaSettings& settings);

// A topic that a service's relay ships. Relays of services that write most of a topic go before others: what its own
// process writes is handed to a relay in memory, the rest it has to be told of and reads back from the table.
struct ShippedTopic {
  Topic topic;
  bool written_most_here;
};

// The relay of these topics runs as long as the bus lives. Everything else as make_postgres_bus.
std::unique_ptr<Bus> make_kafka_bus(KafkaSettings kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                                    std::span<const ShippedTopic> shipped);

}  // namespace carillon::bus
