// The conformance suite's harness for the Kafka engine: a database of its own and topics of its own on the broker that
// CARILLON_TEST_KAFKA_BROKERS names.
#pragma once
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "bus/kafka/kafka_bus.hpp"
#include "bus/kafka/topics.hpp"
#include "conformance/bus/postgres_harness.hpp"

namespace carillon::bus::testing {

class KafkaNode final : public Node {
 public:
  KafkaNode(KafkaSettings kafka, PostgresBusSettings postgres, bool writes_most = true)
      : bell_(postgres.connection),
        bus_(make_kafka_bus(std::move(kafka), std::move(postgres), bell_, clock_, all_topics(writes_most))) {}
  Bus& bus() override { return *bus_; }

 private:
  static std::vector<ShippedTopic> all_topics(bool writes_most) {
    std::vector<ShippedTopic> shipped;
    for (const Topic& topic : topics::all) shipped.push_back({topic, writes_most});
    return shipped;
  }
  SystemClock clock_;
  Bell bell_;
  std::unique_ptr<Bus> bus_;
};

class KafkaHarness final : public Harness {
 public:
  KafkaHarness() {
    const char* const brokers = std::getenv("CARILLON_TEST_KAFKA_BROKERS");
    if (brokers == nullptr) throw std::runtime_error("CARILLON_TEST_KAFKA_BROKERS is not set: ./dev test sets it");
    settings_.brokers = brokers;
    settings_.session_timeout = lease_timeout();
    settings_.max_poll_interval = lease_timeout();
    if (const char* prefix = std::getenv(prefix_variable)) {
      settings_.topic_prefix = prefix;
      return;
    }
    pg::Connection owner(administrator());
    settings_.topic_prefix = owner.run("SELECT current_database()")[0][0].c_str() + std::string(".");
    const std::vector<TopicPlan> plans =
        topic_plans(settings_, {.partitions = tables_.bus_settings().partitions, .replication = 1});
    for (const TopicFinding& finding : make_topics(settings_, plans)) {
      if (finding.state != TopicFinding::State::MADE) throw std::runtime_error(finding.name + ": " + finding.detail);
    }
  }

  const KafkaSettings& settings() const { return settings_; }
  std::unique_ptr<Node> node() override { return std::make_unique<KafkaNode>(settings_, tables_.bus_settings()); }
  // One whose relay stands by.
  std::unique_ptr<Node> standby_node() { return std::make_unique<KafkaNode>(settings_, tables_.bus_settings(), false); }
  pg::ConnectionSettings database() const override { return tables_.database(); }
  pg::ConnectionSettings administrator() const override { return tables_.administrator(); }
  std::chrono::milliseconds lease_timeout() const override { return tables_.lease_timeout(); }
  // A batch that takes longer than the poll interval costs the consumer its partitions without its noticing.
  void take_leases_away(const std::string&) override {}
  std::map<std::string, std::string> child_environment() const override {
    auto environment = tables_.child_environment();
    environment[prefix_variable] = settings_.topic_prefix;
    return environment;
  }
  std::string child_test_case() const override { return "child consumer on kafka"; }

 private:
  static constexpr const char* prefix_variable = "CARILLON_CONFORMANCE_TOPIC_PREFIX";
  PostgresHarness tables_;
  KafkaSettings settings_;
};

}  // namespace carillon::bus::testing
