#include "health-aggregator/core/message_facts.hpp"

#include "health-aggregator/core/message_state.hpp"

namespace carillon::health {

namespace {

bool lacks_facts(const events::MessageEvent& event) {
  return event.template_key.empty() && delivery_rank(event.status) > 0;
}

}  // namespace

MessageFacts::MessageFacts(const std::vector<events::MessageEvent>& batch) {
  for (const events::MessageEvent& event : batch) {
    if (lacks_facts(event)) wanted_.insert(event.message_id);
  }
  if (wanted_.empty()) return;
  for (const events::MessageEvent& event : batch) {
    if (event.template_key.empty() || wanted_.erase(event.message_id) == 0) continue;
    known_.emplace(event.message_id, Facts{event.template_key, event.channel});
  }
}

void MessageFacts::learn(const std::string& message_id, Facts facts) {
  known_.emplace(message_id, std::move(facts));
}

void MessageFacts::fill(std::vector<events::MessageEvent>& batch) const {
  if (known_.empty()) return;
  for (events::MessageEvent& event : batch) {
    if (!lacks_facts(event)) continue;
    const auto found = known_.find(event.message_id);
    if (found == known_.end()) continue;
    event.template_key = found->second.template_key;
    if (found->second.channel != events::Channel::CHANNEL_UNSPECIFIED) event.channel = found->second.channel;
  }
}

}  // namespace carillon::health
