#include "provider-dispatcher/app/call_figures.hpp"

#include <algorithm>

#include "provider-dispatcher/core/breaker.hpp"

namespace carillon::dispatcher {

void CallFigures::add(std::span<const Finished> batch) {
  const std::lock_guard lock(mutex_);
  for (const Finished& finished : batch) {
    const ProviderIndex provider = finished.claim->provider;
    if (finished.how != Finished::How::ANSWERED || !finished.called || provider == unknown_provider) continue;
    CallSums& sums = minutes_[{floor_minute(finished.at), roster_[provider].name}];
    const std::int64_t latency_ms = finished.outcome.latency.count();
    ++sums.calls;
    sums.latency_ms += latency_ms;
    sums.latency_ms_max = std::max(sums.latency_ms_max, latency_ms);
    if (counts_against_provider(finished.outcome)) {
      ++sums.failures;
      sums.last_failure_at = std::max(sums.last_failure_at.value_or(finished.at), finished.at);
    }
    if (finished.outcome.kind == OutcomeKind::ACCOUNT) account_errors_[provider] = true;
    if (finished.outcome.kind == OutcomeKind::ACCEPTED) account_errors_[provider] = false;
  }
}

CallFigures::Minutes CallFigures::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(minutes_, {});
}

bool CallFigures::account_error(ProviderIndex provider) const {
  const std::lock_guard lock(mutex_);
  return account_errors_[provider];
}

void CallFigures::put_gathered(ByProvider sums) {
  const std::lock_guard lock(mutex_);
  gathered_ = std::move(sums);
}

CallFigures::ByProvider CallFigures::gathered() const {
  const std::lock_guard lock(mutex_);
  return gathered_;
}

}  // namespace carillon::dispatcher
