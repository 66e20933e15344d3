#include "provider-dispatcher/app/provider_board.hpp"

namespace carillon::dispatcher {

std::vector<Breaker> ProviderBoard::snapshot() const {
  const std::lock_guard lock(mutex_);
  return breakers_;
}

Gate ProviderBoard::gate(ProviderIndex provider, UtcTime now) const {
  if (spend_.limit_reached(provider)) return Gate::SHUT;
  const std::lock_guard lock(mutex_);
  return gate_of(breakers_[provider], now);
}

void ProviderBoard::put(ProviderIndex provider, const Breaker& breaker) {
  const std::lock_guard lock(mutex_);
  if (breaker.version >= breakers_[provider].version) breakers_[provider] = breaker;
}

bool ProviderBoard::offer_trial(ProviderIndex provider, UtcTime now) {
  const std::lock_guard lock(mutex_);
  auto& offered_at = trial_offered_at_[provider];
  if (offered_at && now < *offered_at + trial_offer_pause) return false;
  offered_at = now;
  return true;
}

}  // namespace carillon::dispatcher
