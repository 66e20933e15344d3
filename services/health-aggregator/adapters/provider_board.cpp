#include "health-aggregator/adapters/provider_board.hpp"

#include <algorithm>
#include <tuple>

#include "health-aggregator/app/decode_event.hpp"
#include "service/log.hpp"

namespace carillon::health {

using events::ProviderState;

void ProviderBoard::apply(const bus::Received& received) {
  auto state = decode_event<ProviderState>(received.record);
  if (!state) {
    log::warn("PROVIDER_STATE_UNREADABLE", {{"reason", state.error().code},
                                            {"detail", state.error().detail},
                                            {"partition", received.partition},
                                            {"seq", received.seq}});
    return;
  }
  const std::lock_guard lock(mutex_);
  const auto known = latest_.find(state->provider);
  if (known != latest_.end() && known->second.version > state->version) return;
  if (state->breaker == "CLOSED" || state->breaker.empty()) {
    open_since_.erase(state->provider);
  } else {
    open_since_.try_emplace(state->provider, state->observed_at.value_or(received.published_at));
  }
  latest_[state->provider] = std::move(*state);
}

std::map<std::string, UtcTime> ProviderBoard::open_since() const {
  const std::lock_guard lock(mutex_);
  return open_since_;
}

std::vector<ProviderState> ProviderBoard::providers() const {
  std::vector<ProviderState> providers;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, state] : latest_) providers.push_back(state);
  }
  std::sort(providers.begin(), providers.end(), [](const ProviderState& a, const ProviderState& b) {
    return std::tie(a.channel, a.position, a.provider) < std::tie(b.channel, b.position, b.provider);
  });
  return providers;
}

}  // namespace carillon::health
