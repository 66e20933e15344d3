#include "provider-dispatcher/core/claim_walk.hpp"

#include <algorithm>

namespace carillon::dispatcher {

std::chrono::nanoseconds pause_after_walk(std::chrono::nanoseconds took) {
  return std::min<std::chrono::nanoseconds>(took * whole_walks_in_time, whole_walk_pause_max);
}

ClaimWalk::Start ClaimWalk::start(SteadyTime now) const {
  if (now >= whole_at_) return {};
  return {reached_, false};
}

void ClaimWalk::ended(const Start& start, UtcTime due_by, const LastDue& last_due, bool full, SteadyTime began,
                      SteadyTime now) {
  whole_ = start.whole;
  if (start.whole) whole_at_ = now + pause_after_walk(now - began);
  bool seen_to_its_end = !full;
  for (std::size_t priority = reached_.size(); priority-- > 0;) {
    if (seen_to_its_end) {
      reached_[priority] = due_by - late_commit_max;
    } else if (last_due[priority]) {
      reached_[priority] = *last_due[priority];
      seen_to_its_end = true;  // those before it
    }
  }
}

}  // namespace carillon::dispatcher
