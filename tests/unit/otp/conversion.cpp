#include "otp/core/conversion.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::otp;

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
