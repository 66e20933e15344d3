// The global limit per channel over a rolling minute. Pure: counts and `now` in, how many may go out.
//
// Admissions are counted per second. A second's count weighs until 62 s after that second began: 60 s, 1 s because an
// admission at its end counts as its beginning, and 1 s for the way to the provider. So no 60 s hold more than the
// limit, there either; the price is about 3 % of the limit.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

inline constexpr std::int64_t throttle_window_seconds = 62;

struct ThrottleBucket {
  std::int64_t second = 0;  // Unix time
  std::int64_t admitted = 0;
};

inline std::int64_t unix_second(UtcTime now) {
  return std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
}

// First second that still counts at `now`.
inline std::int64_t first_counted_second(UtcTime now) {
  return unix_second(now) - throttle_window_seconds + 1;
}

// Buckets from the future (a clock that was set back, another machine's clock) count too.
inline std::int64_t admitted_in_window(std::span<const ThrottleBucket> buckets, UtcTime now) {
  std::int64_t sum = 0;
  for (const auto& bucket : buckets) sum += bucket.second >= first_counted_second(now) ? bucket.admitted : 0;
  return sum;
}

inline std::int64_t capacity(std::int64_t limit_per_minute, std::int64_t admitted) {
  return std::max<std::int64_t>(0, limit_per_minute - admitted);
}

struct ThrottleCandidate {
  events::Priority priority{};
  std::string fair_key;  // whom round-robin is between: client, else source
};

// Which of a batch's messages go now (true) and which are deferred; in the order given. CRITICAL always goes and
// counts. The others go in priority order, round-robin over fair keys, while there is capacity and nobody waits
// already.
std::vector<bool> admit(std::span<const ThrottleCandidate> candidates, std::int64_t limit_per_minute,
                        std::int64_t admitted, bool queue_empty);

}  // namespace carillon::orchestrator
