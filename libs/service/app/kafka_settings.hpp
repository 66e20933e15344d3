// The settings of the bus's engine.
#pragma once
#include <optional>

#include "bus/kafka/kafka_bus.hpp"
#include "service/settings.hpp"

namespace carillon::service {

// Nothing when CARILLON_BUS is postgres. What librdkafka refuses is among the errors of `settings`.
std::optional<bus::KafkaSettings> read_kafka_settings(Settings& settings);

// Lines `name=value`; empty ones and those that begin with # are passed over. Throws std::invalid_argument with the
// number of a line that is neither.
std::map<std::string, std::string> parse_properties(std::string_view text);

}  // namespace carillon::service
