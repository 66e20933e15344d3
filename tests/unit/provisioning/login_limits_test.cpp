#include "provisioning/core/login_limits.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::provisioning;
using namespace std::chrono_literals;

namespace {
const UtcTime window_start = from_unix_micros(1'790'000'000'000'000 / 3'600'000'000 * 3'600'000'000);  // a whole hour
}

TEST_CASE("login limits: the tries a limit allows go on, the next waits until they weigh one less") {
  const RateLimit limit{3, 1h};
  CHECK_FALSE(wait_after({window_start, 3, 0}, limit, window_start + 10min));
  CHECK(wait_after({window_start, 4, 0}, limit, window_start + 10min) == 70min);
  CHECK(wait_after({window_start, 4, 0}, limit, window_start + 1h) == 20min);
  CHECK(wait_after({window_start, 2, 0}, {1, 1h}, window_start + 10min) == 110min);
}

TEST_CASE("login limits: after the wait the same try goes on, and a second before it does not") {
  for (const RateLimit limit : {RateLimit{1, 15min}, RateLimit{3, 1h}, RateLimit{7, 7min}, RateLimit{10, 15min}})
    for (std::int64_t previous = 0; previous <= limit.count; ++previous)
      for (std::int64_t current = 1; current <= limit.count + 1; ++current) {
        const UtcTime began = moved_on({}, limit.window, window_start).began;
        const UtcTime now = began + limit.window / 5;
        const auto wait = wait_after({began, current, previous}, limit, now);
        if (!wait) continue;
        const auto goes_on = [&](UtcTime at) {
          SlidingCount count = moved_on({began, current - 1, previous}, limit.window, at);
          ++count.current;
          return !wait_after(count, limit, at);
        };
        CAPTURE(limit.count, previous, current, wait->count());
        CHECK(goes_on(now + *wait));
        CHECK_FALSE(goes_on(now + *wait - 1s));
      }
}

TEST_CASE("login limits: tries of the window before weigh as much as of it is still in sight") {
  const RateLimit limit{4, 1h};
  CHECK(wait_after({window_start, 1, 4}, limit, window_start + 5min));
  CHECK_FALSE(wait_after({window_start, 1, 4}, limit, window_start + 30min));
}

TEST_CASE("login limits: a limit of 0 is none") {
  CHECK_FALSE(wait_after({window_start, 1'000'000, 0}, {0, 1h}, window_start));
}
