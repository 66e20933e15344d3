#include "service/app/bus_settings.hpp"

#include <stdexcept>

namespace carillon::service {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

std::optional<bus::KafkaSettings> read_kafka_settings(Settings& settings) {
  const bool wanted =
      settings.one_of("CARILLON_BUS", "postgres", {"postgres", "kafka"},
                      "What events travel on: tables of the database, or an Apache Kafka cluster.") == "kafka";
  bus::KafkaSettings kafka;
  kafka.brokers = settings.text("CARILLON_KAFKA_BROKERS", "", "Kafka's bootstrap servers: host:port,host:port.");
  kafka.topic_prefix = settings.text("CARILLON_KAFKA_TOPIC_PREFIX", "",
                                     "Before the name of every topic and consumer group, for a shared cluster.");
  const std::string properties =
      settings.secret("CARILLON_KAFKA_PROPERTIES",
                      "librdkafka's settings for the cluster, name=value a line: security.protocol, sasl.*, ssl.*.");
  if (!wanted) return std::nullopt;
  try {
    kafka.properties = parse_properties(properties);
    if (kafka.brokers.empty()) {
      settings.error("CARILLON_KAFKA_BROKERS: is needed when CARILLON_BUS is kafka");
    } else {
      for (const std::string& fault : bus::faults_of(kafka)) settings.error("CARILLON_KAFKA_PROPERTIES: " + fault);
    }
  } catch (const std::invalid_argument& bad) {
    settings.error(std::string("CARILLON_KAFKA_PROPERTIES: ") + bad.what());
  }
  return kafka;
}

}  // namespace

std::map<std::string, std::string> parse_properties(std::string_view text) {
  std::map<std::string, std::string> properties;
  int number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const std::size_t equals = line.find('=');
    const std::string_view name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || name.empty())
      throw std::invalid_argument("line " + std::to_string(number) + " is not name=value");
    properties[std::string(name)] = trimmed(line.substr(equals + 1));
  }
  return properties;
}

BusSettings read_bus_settings(Settings& settings) {
  BusSettings bus;
  bus.partitions = static_cast<int>(settings.integer("CARILLON_BUS_PARTITIONS", 4, 1, 64,
                                                     "Partitions per topic; fixed when the database is first made."));
  bus.retention = std::chrono::hours(
      settings.integer("CARILLON_BUS_RETENTION_HOURS", 72, 1, 8760, "How long bus records are kept at least."));
  bus.kafka = read_kafka_settings(settings);
  return bus;
}

}  // namespace carillon::service
