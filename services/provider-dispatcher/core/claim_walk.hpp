// Where a walk over a provider's waiting messages begins. The index keeps the entries of rows that were claimed until
// no transaction in the database can see those rows any more, and whoever begins at the first passes all of them: while
// a backup runs, a claim would cost more with each message. So a walk goes on where the last one ended. What has come
// in behind it (given back, moved here, committed late) is found by whole walks, which get a tenth of the time. Pure.
#pragma once
#include <array>
#include <chrono>
#include <optional>

#include "time/utc_time.hpp"

namespace carillon::dispatcher {

inline constexpr int whole_walks_in_time = 10;
inline constexpr std::chrono::milliseconds whole_walk_pause_max{5'000};
// A row is due when its transaction began, and seen when that has committed: one that was due in this time before a
// walk that saw all there was may come after it, a failover's for one, and is not behind the next.
inline constexpr std::chrono::milliseconds late_commit_max{250};

// By priority, CRITICAL first.
using DueFrom = std::array<UtcTime, 3>;
using LastDue = std::array<std::optional<UtcTime>, 3>;

// How long after a walk over everything the next one may begin.
std::chrono::nanoseconds pause_after_walk(std::chrono::nanoseconds took);

class ClaimWalk {
 public:
  struct Start {
    DueFrom due_from{};
    bool whole = true;
  };
  Start start(SteadyTime now) const;
  // `last_due`: of the rows it found; `full`: as many as it was to find, so what is due after the last was not seen.
  void ended(const Start& start, UtcTime due_by, const LastDue& last_due, bool full, SteadyTime began, SteadyTime now);
  // When what has come in behind is to be looked for; never, when the last walk was whole.
  SteadyTime whole_due_at() const { return whole_ ? SteadyTime::max() : whole_at_; }

 private:
  DueFrom reached_{};
  bool whole_ = true;  // the last walk
  SteadyTime whole_at_{};
};

}  // namespace carillon::dispatcher
