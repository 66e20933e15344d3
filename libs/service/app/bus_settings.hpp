// The settings of the bus.
#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "bus/kafka/kafka_bus.hpp"
#include "service/settings.hpp"

namespace carillon::service {

struct BusSettings {
  int partitions;
  std::chrono::hours retention;
  std::optional<bus::KafkaSettings> kafka;  // nothing: the bus is in the database
};

// What librdkafka refuses is among the errors of `settings`.
BusSettings read_bus_settings(Settings& settings);

// Lines `name=value`; empty ones and those that begin with # are passed over. Throws std::invalid_argument with the
// number of a line that is neither.
std::map<std::string, std::string> parse_properties(std::string_view text);

}  // namespace carillon::service
