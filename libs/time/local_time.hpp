// Local dates and times. Time zones are IANA names; "" is UTC, and so is a name that is not known here. Pure; zones are
// read once from the system's zoneinfo (package tzdata), whose files hold the changes of the clocks until 2037.
#pragma once
#include <chrono>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon {

bool is_time_zone(std::string_view name);  // an IANA name that is known here

std::chrono::local_days local_date(std::string_view time_zone, UtcTime at);

enum class OfTwo { FIRST, SECOND };
// When clocks there show this time; one of 24 hours or more is a later date's. Where they skip it, the moment at which
// they are put forward; where they show it twice, the one that is asked for.
UtcTime local_moment(std::string_view time_zone, std::chrono::local_days day, std::chrono::minutes time_of_day,
                     OfTwo of_two = OfTwo::FIRST);

}  // namespace carillon
