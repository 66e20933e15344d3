// What this process knows of the breakers: a snapshot of provider_health, renewed every second and after each change of
// its own; and of the spend limits. Thread-safe; one mutex guards the breakers, held for a copy only.
#pragma once
#include <mutex>
#include <vector>

#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/app/spend_book.hpp"
#include "provider-dispatcher/core/breaker.hpp"

namespace carillon::dispatcher {

class ProviderBoard {
 public:
  ProviderBoard(std::size_t providers, const SpendBook& spend)
      : spend_(spend), breakers_(providers), trial_offered_at_(providers) {}

  std::vector<Breaker> snapshot() const;
  // SHUT also where the spend limit is reached.
  Gate gate(ProviderIndex provider, UtcTime now) const;
  std::vector<bool> limits_reached() const { return spend_.limits_reached(); }
  // Keeps the newer of the two, by version.
  void put(ProviderIndex provider, const Breaker& breaker);
  // True at most every trial_offer_pause: one waiting message is enough for one trial.
  bool offer_trial(ProviderIndex provider, UtcTime now);
  static constexpr std::chrono::milliseconds trial_offer_pause{200};

 private:
  const SpendBook& spend_;
  mutable std::mutex mutex_;
  std::vector<Breaker> breakers_;                         // mutex_
  std::vector<std::optional<UtcTime>> trial_offered_at_;  // mutex_
};

}  // namespace carillon::dispatcher
