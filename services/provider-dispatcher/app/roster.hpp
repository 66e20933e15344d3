// The providers of this process and the chains they stand in. Immutable after construction; read by all threads.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/core/chain.hpp"
#include "provider-dispatcher/core/provider.hpp"

namespace carillon::dispatcher {

// The order of the chains as the settings name it. Names this program has no provider for were taken out before.
struct ChainSettings {
  std::vector<std::string> email;
  std::vector<std::string> sms;
  std::vector<std::string> slack;
  bool sms_enabled = false;
};

struct RosterEntry {
  Provider* provider = nullptr;
  std::string name;
  events::Channel channel{};
  int position = -1;  // in the chain, from 0; -1: in no chain
  bool channel_enabled = true;
  bool has_settings = false;
  bool configured = false;  // may be called: has its settings, stands in a chain, and its channel is enabled
  double rate_per_second = 0;
  int concurrency_max = 1;
};

class Roster {
 public:
  Roster(std::vector<std::unique_ptr<Provider>> providers, const ChainSettings& chains);

  std::size_t size() const { return entries_.size(); }
  const RosterEntry& operator[](ProviderIndex index) const { return entries_[index]; }
  std::span<const RosterEntry> entries() const { return entries_; }
  ProviderIndex find(std::string_view name) const;  // unknown_provider when absent
  std::span<const ProviderIndex> chain(events::Channel channel) const;
  bool any_configured(events::Channel channel) const;
  // The chain with the breakers' gates and the spend limits that are reached, both by provider index.
  std::vector<Link> links(events::Channel channel, std::span<const Breaker> breakers,
                          const std::vector<bool>& limits_reached, UtcTime now) const;

 private:
  void place(const std::vector<std::string>& names, events::Channel channel, bool enabled);
  std::vector<std::unique_ptr<Provider>> owned_;
  std::vector<RosterEntry> entries_;
  std::array<std::vector<ProviderIndex>, 4> chains_;  // by channel number
};

}  // namespace carillon::dispatcher
