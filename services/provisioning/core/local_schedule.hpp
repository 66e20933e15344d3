// When something that comes round happens in a time zone. Every local date has one moment for it, also where clocks are
// changed. Pure; the machine's time zones (tzdata) are read once.
#pragma once
#include <chrono>
#include <string_view>

#include "provisioning/core/calendar_date.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

enum class Cadence { DAILY, WEEKLY, MONTHLY };  // weekly: on Mondays; monthly: on the first

struct Schedule {
  Cadence cadence = Cadence::DAILY;
  std::chrono::minutes time_of_day{};  // as local clocks show it
};

// Time zones are IANA names; "" is UTC, and so is a name that this machine does not know.
Date local_date(std::string_view time_zone, UtcTime now);
// When clocks there show this time: the first moment where they do twice; where they skip it, the one at which they are
// put forward.
UtcTime local_moment(std::string_view time_zone, Date date, std::chrono::minutes time_of_day);

// The latest date, not after this one, that the cadence names.
Date cadence_date(Cadence cadence, Date date);
Date month_before(Date today);  // the first of the last month that is over
UtcTime latest_moment(const Schedule& schedule, std::string_view time_zone, UtcTime now);  // at or before `now`
UtcTime next_moment(const Schedule& schedule, std::string_view time_zone, UtcTime after);  // after it

}  // namespace carillon::provisioning
