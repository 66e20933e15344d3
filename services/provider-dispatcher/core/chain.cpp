#include "provider-dispatcher/core/chain.hpp"

#include <algorithm>

namespace carillon::dispatcher {

std::optional<std::size_t> choose_provider(std::span<const Link> chain, std::span<const std::string> tried) {
  std::optional<std::size_t> on_trial;
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const Link& link = chain[i];
    if (!link.configured || link.limit_reached || link.gate == Gate::SHUT) continue;
    if (std::find(tried.begin(), tried.end(), link.provider) != tried.end()) continue;
    if (link.gate == Gate::PASS) return i;
    if (!on_trial) on_trial = i;
  }
  return on_trial;
}

std::optional<std::size_t> trial_before(std::span<const Link> chain, std::optional<std::size_t> chosen) {
  for (std::size_t i = 0; i < chosen.value_or(chain.size()); ++i) {
    if (chain[i].configured && !chain[i].limit_reached && chain[i].gate == Gate::TRIAL_DUE) return i;
  }
  return std::nullopt;
}

std::string_view head_of(std::span<const Link> chain) {
  for (const Link& link : chain) {
    if (link.configured) return link.provider;
  }
  return chain.empty() ? no_provider : chain.front().provider;
}

}  // namespace carillon::dispatcher
