// The topics as they have to be on a broker: what to make, what is there, making what is missing.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "bus/kafka/kafka_bus.hpp"

namespace carillon::bus {

struct TopicPlan {
  std::string name;  // on the broker
  int partitions = 0;
  int replication = 0;
  std::map<std::string, std::string> config;
};

struct TopicPlanSettings {
  int partitions = 4;  // as the database's bus has
  int replication = 3;
  std::chrono::hours retention{72};
};

// State topics are compacted, dead letters kept for 30 days at least, all others for `retention`. From three replicas
// on two have to have a record before it counts as stored.
std::vector<TopicPlan> topic_plans(const KafkaSettings& settings, const TopicPlanSettings& wanted);

struct TopicFinding {
  enum class State { FINE, MISSING, DIFFERENT, MADE, REFUSED };
  std::string name;
  State state = State::FINE;
  std::string detail;  // what differs, or why the broker refused
};

// Throws std::runtime_error when no broker answers within ten seconds.
std::vector<TopicFinding> find_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans);
// Makes what is missing; never changes what is there.
std::vector<TopicFinding> make_topics(const KafkaSettings& settings, const std::vector<TopicPlan>& plans);

}  // namespace carillon::bus
