#include "provider-dispatcher/app/pending_figures.hpp"

namespace carillon::dispatcher {

void PendingFigures::renew_when_due() {
  const SteadyTime now = machine_.steady();
  if (now < next_count_at_) return;
  next_count_at_ = now + pending_count_interval;
  count();
}

std::optional<PendingFigures::Counts> PendingFigures::latest() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

PendingFigures::Counts PendingFigures::latest_or_counted() {
  if (auto known = latest()) return *std::move(known);
  return count();
}

// Not on a session for repeated statements: those never read a table from end to end, which is the quick way here.
PendingFigures::Counts PendingFigures::count() {
  auto connection = pool_.take();
  Counts counts = pending_store::count(*connection, clock_.now());
  const std::lock_guard lock(mutex_);
  counts_ = counts;
  return counts;
}

}  // namespace carillon::dispatcher
