#include "provider-dispatcher/app/roster.hpp"

#include <algorithm>

namespace carillon::dispatcher {

Roster::Roster(std::vector<std::unique_ptr<Provider>> providers, const ChainSettings& chains)
    : owned_(std::move(providers)) {
  for (const auto& provider : owned_) {
    RosterEntry entry;
    entry.provider = provider.get();
    entry.name = provider->name();
    entry.channel = provider->channel();
    entry.channel_enabled = entry.channel != events::Channel::SMS || chains.sms_enabled;
    entry.has_settings = provider->configured();
    entry.rate_per_second = provider->rate_per_second();
    entry.concurrency_max = std::max(1, provider->concurrency_max());
    entries_.push_back(std::move(entry));
  }
  place(chains.email, events::Channel::EMAIL, true);
  place(chains.sms, events::Channel::SMS, chains.sms_enabled);
  place(chains.slack, events::Channel::SLACK, true);
}

void Roster::place(const std::vector<std::string>& names, events::Channel channel, bool enabled) {
  auto& chain = chains_[static_cast<std::size_t>(channel)];
  for (const std::string& name : names) {
    const ProviderIndex index = find(name);
    if (index == unknown_provider || entries_[index].channel != channel) continue;
    entries_[index].position = static_cast<int>(chain.size());
    entries_[index].configured = enabled && entries_[index].has_settings;
    chain.push_back(index);
  }
}

ProviderIndex Roster::find(std::string_view name) const {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].name == name) return i;
  }
  return unknown_provider;
}

std::span<const ProviderIndex> Roster::chain(events::Channel channel) const {
  const auto number = static_cast<std::size_t>(channel);
  if (number >= chains_.size()) return {};
  return chains_[number];
}

bool Roster::any_configured(events::Channel channel) const {
  const auto indices = chain(channel);
  return std::any_of(indices.begin(), indices.end(), [this](ProviderIndex i) { return entries_[i].configured; });
}

std::vector<Link> Roster::links(events::Channel channel, std::span<const Breaker> breakers,
                                const std::vector<bool>& limits_reached, UtcTime now) const {
  std::vector<Link> links;
  for (const ProviderIndex i : chain(channel)) {
    links.push_back({entries_[i].name, entries_[i].configured, gate_of(breakers[i], now), limits_reached[i]});
  }
  return links;
}

}  // namespace carillon::dispatcher
