#include "bus/make_bus.hpp"

#include <map>
#include <vector>

namespace carillon::bus {

std::unique_ptr<Bus> make_bus(const KafkaSettings* kafka, PostgresBusSettings postgres, Bell& bell, const Clock& clock,
                              std::span<const Topic> writes, std::span<const Topic> reads) {
  if (kafka == nullptr) return make_postgres_bus(std::move(postgres), bell, clock);
  std::map<std::string_view, Topic> concerned;
  for (const Topic& topic : writes) concerned.emplace(topic.name, topic);
  for (const Topic& topic : reads) {
    if (topic.state) concerned.emplace(topic.name, topic);
    concerned.emplace(dead_letter_topic(topic).name, dead_letter_topic(topic));
  }
  std::vector<Topic> topics;
  for (const auto& [name, topic] : concerned) topics.push_back(topic);
  return make_kafka_bus(*kafka, std::move(postgres), bell, clock, topics);
}

}  // namespace carillon::bus
