// A count over a sliding window in two numbers: those of the running window and of the one before it, which weighs as
// much as of it still lies within the window's length. Never too low when the earlier ones came evenly; for limits over
// many recipients, where an exact list of times would have no bound. Pure.
#pragma once
#include <chrono>
#include <cstdint>

#include "time/utc_time.hpp"

namespace carillon {

struct SlidingCount {
  UtcTime began{};  // of the running window, a multiple of its length
  std::int64_t current = 0;
  std::int64_t previous = 0;
};

// The count as it stands at `now`: windows that are over are moved on. A clock that was set back changes nothing, so
// what was counted keeps counting.
inline SlidingCount moved_on(SlidingCount count, std::chrono::seconds window, UtcTime now) {
  const UtcTime begins{now.time_since_epoch() - now.time_since_epoch() % window};
  if (begins <= count.began) return count;
  count.previous = begins - count.began == window ? count.current : 0;
  count.current = 0;
  count.began = begins;
  return count;
}

// Of a count that was moved on; rounded up.
inline std::int64_t used(const SlidingCount& count, std::chrono::seconds window, UtcTime now) {
  const std::int64_t whole = std::chrono::microseconds(window).count();
  const std::int64_t gone = now > count.began ? (now - count.began).count() : 0;
  const std::int64_t left = gone >= whole ? 0 : whole - gone;
  return count.current + (count.previous * (left / 1'000) + whole / 1'000 - 1) / (whole / 1'000);
}

}  // namespace carillon
