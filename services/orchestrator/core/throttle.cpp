#include "orchestrator/core/throttle.hpp"

#include "orchestrator/core/fair_order.hpp"

namespace carillon::orchestrator {

std::vector<bool> admit(std::span<const ThrottleCandidate> candidates, std::int64_t limit_per_minute,
                        std::int64_t admitted, bool queue_empty) {
  std::vector<bool> goes(candidates.size(), false);
  std::vector<std::size_t> others;
  std::vector<QueuePlace> places;
  FairTurns turns;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto& candidate = candidates[i];
    if (candidate.priority == events::Priority::CRITICAL) {
      goes[i] = true;
      ++admitted;
    } else {
      others.push_back(i);
      places.push_back(
          {candidate.priority, turns.next(candidate.priority, candidate.fair_key), static_cast<std::int64_t>(i)});
    }
  }
  if (!queue_empty) return goes;
  std::vector<std::size_t> order(others.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  const auto free = static_cast<std::size_t>(capacity(limit_per_minute, admitted));
  for (std::size_t i = 0; i < std::min(free, order.size()); ++i) goes[others[order[i]]] = true;
  return goes;
}

}  // namespace carillon::orchestrator
