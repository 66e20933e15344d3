#include "orchestrator/app/provider_directory.hpp"

#include "events/cloud_events.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {

void ProviderDirectory::learn(const bus::Received& record) {
  const auto event = events::read_cloud_event(record.record.headers, record.record.value);
  auto state =
      event ? events::from_json<events::ProviderState>(event->data) : Result<events::ProviderState>(event.error());
  if (!state || state->provider.empty()) {
    log::warn(
        "PROVIDER_STATE_UNREADABLE",
        {{"partition", record.partition}, {"seq", record.seq}, {"reason", state ? "provider" : state.error().code}});
    return;
  }
  const std::lock_guard lock(mutex_);
  auto& known = providers_[state->provider];
  if (known.provider.empty() || known.version <= state->version) known = std::move(*state);
}

ProviderFacts ProviderDirectory::facts(events::Channel channel) const {
  const std::lock_guard lock(mutex_);
  ProviderFacts facts;
  for (const auto& [name, state] : providers_) {
    if (state.channel != channel) continue;
    facts.channel_enabled = facts.channel_enabled || state.channel_enabled;
    facts.any_configured = facts.any_configured || state.configured;
  }
  return facts;
}

bool ProviderDirectory::knows_any() const {
  const std::lock_guard lock(mutex_);
  return !providers_.empty();
}

}  // namespace carillon::orchestrator
