#include <catch2/catch.hpp>

#include "otp/core/conversion.hpp"
#include "otp/core/sliding_count.hpp"

using namespace carillon;
using namespace carillon::otp;
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

TEST_CASE("conversion: an alarm begins below the part wanted and ends at it, and says each once") {
  const ConversionRule rule{30, 50};
  CHECK(alarm_change({50, 14}, false, rule) == AlarmChange::RAISE);
  CHECK(alarm_change({50, 14}, true, rule) == AlarmChange::NONE);
  CHECK(alarm_change({50, 15}, true, rule) == AlarmChange::CLEAR);
  CHECK(alarm_change({50, 15}, false, rule) == AlarmChange::NONE);
}

TEST_CASE("conversion: few codes say nothing") {
  CHECK(alarm_change({49, 0}, false, {30, 50}) == AlarmChange::NONE);
  CHECK(alarm_change({0, 0}, true, {30, 50}) == AlarmChange::CLEAR);
}
