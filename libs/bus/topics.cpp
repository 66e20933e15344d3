#include "bus/topics.hpp"

#include <algorithm>
#include <string>

namespace carillon::bus {
namespace {

constexpr std::string_view dead_letter_suffix = ".dlq";

bool is_dead_letter_topic(std::string_view name) {
  return name.size() > dead_letter_suffix.size() &&
         name.substr(name.size() - dead_letter_suffix.size()) == dead_letter_suffix;
}

}  // namespace

const Topic* find_topic(std::string_view name) {
  const auto found =
      std::find_if(topics::all.begin(), topics::all.end(), [&](const Topic& topic) { return topic.name == name; });
  return found == topics::all.end() ? nullptr : &*found;
}

Topic dead_letter_topic(const Topic& topic) {
  if (is_dead_letter_topic(topic.name)) return topic;
  const Topic* found = find_topic(std::string(topic.name) + std::string(dead_letter_suffix));
  return found == nullptr ? topic : *found;
}

}  // namespace carillon::bus
