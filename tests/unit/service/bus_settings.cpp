// CARILLON_BUS and what goes with it.
#include "service/app/bus_settings.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::service;

namespace {

std::string bus_errors_of(const Environment& environment) {
  Settings settings(environment);
  read_bus_settings(settings);
  try {
    settings.finish();
  } catch (const SettingsError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("bus settings: the bus is in the database unless CARILLON_BUS says kafka") {
  Settings settings(Environment{{"CARILLON_KAFKA_BROKERS", "127.0.0.1:9092"}});
  CHECK_FALSE(read_bus_settings(settings).kafka);
  Settings kafka({{"CARILLON_BUS", "kafka"},
                  {"CARILLON_KAFKA_BROKERS", "a:9092,b:9092"},
                  {"CARILLON_KAFKA_TOPIC_PREFIX", "staging."},
                  {"CARILLON_KAFKA_PROPERTIES", "# to be quick\nsocket.timeout.ms = 5000\r\n\n"}});
  const auto read = read_bus_settings(kafka).kafka;
  REQUIRE(read);
  kafka.finish();
  CHECK(read->brokers == "a:9092,b:9092");
  CHECK(read->topic_prefix == "staging.");
  CHECK(read->properties == std::map<std::string, std::string>{{"socket.timeout.ms", "5000"}});
}

TEST_CASE("bus settings: what can't work is refused with its name before anything starts") {
  const auto with = [](const std::string& properties) {
    return bus_errors_of(Environment{{"CARILLON_BUS", "kafka"},
                                     {"CARILLON_KAFKA_BROKERS", "127.0.0.1:9092"},
                                     {"CARILLON_KAFKA_PROPERTIES", properties}});
  };
  CHECK_THAT(bus_errors_of(Environment{{"CARILLON_BUS", "kafka"}}),
             Catch::Contains("CARILLON_KAFKA_BROKERS: is needed"));
  CHECK_THAT(bus_errors_of(Environment{{"CARILLON_BUS", "rabbitmq"}}), Catch::Contains("CARILLON_BUS"));
  CHECK_THAT(with("security.protocol"), Catch::Contains("line 1 is not name=value"));
  CHECK_THAT(with("sasl.mechanims=PLAIN"), Catch::Contains("sasl.mechanims"));
  CHECK_THAT(with("enable.idempotence=false"), Catch::Contains("enable.idempotence: is set by the bus itself"));
  CHECK_THAT(with("security.protocol=ssl\nssl.ca.location=/nowhere"), Catch::Contains("ssl.ca.location"));
}
