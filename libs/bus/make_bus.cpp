#include "bus/make_bus.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace carillon::bus {

std::unique_ptr<Bus> make_bus(const KafkaSettings* kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                              const ServiceTopics& topics) {
  if (kafka == nullptr) return make_postgres_bus(std::move(postgres), bell, clock);
  std::map<std::string_view, Topic> concerned;
  for (const Topic& topic : topics.writes) concerned.emplace(topic.name, topic);
  for (const Topic& topic : topics.reads) {
    if (topic.state) concerned.emplace(topic.name, topic);
    concerned.emplace(dead_letter_topic(topic).name, dead_letter_topic(topic));
  }
  std::vector<ShippedTopic> shipped;
  for (const auto& [name, topic] : concerned) {
    const bool most = std::any_of(topics.writes_most.begin(), topics.writes_most.end(),
                                  [&](const Topic& other) { return other.name == topic.name; });
    shipped.push_back({topic, most});
  }
  return make_kafka_bus(*kafka, std::move(postgres), bell, clock, shipped);
}

}  // namespace carillon::bus
