#include "limits/sliding_count.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace std::chrono_literals;

namespace {
const UtcTime start = from_unix_micros(1'790'000'000'000'000 / 3'600'000'000 * 3'600'000'000);  // a whole hour

SlidingCount counted(SlidingCount count, int times, UtcTime now) {
  count = moved_on(count, 1h, now);
  count.current += times;
  return count;
}
}  // namespace

TEST_CASE("sliding count: what the last window counted weighs as much as of it is still in sight") {
  SlidingCount count = counted({}, 60, start + 30min);
  CHECK(used(count, 1h, start + 30min) == 60);
  count = moved_on(count, 1h, start + 1h);
  CHECK(used(count, 1h, start + 1h) == 60);
  CHECK(used(count, 1h, start + 90min) == 30);
  CHECK(used(count, 1h, start + 119min) == 1);
  count = moved_on(count, 1h, start + 2h);
  CHECK(used(count, 1h, start + 2h) == 0);
}

TEST_CASE("sliding count: after a window without any, nothing is left") {
  const SlidingCount count = moved_on(counted({}, 60, start), 1h, start + 2h);
  CHECK(used(count, 1h, start + 2h) == 0);
}

TEST_CASE("sliding count: a clock that is set back forgets nothing") {
  SlidingCount count = counted(counted({}, 5, start), 7, start + 1h);
  count = moved_on(count, 1h, start - 24h);
  CHECK(used(count, 1h, start - 24h) == 12);
}
