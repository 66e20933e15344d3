// When something that comes round happens in a time zone. Every local date has one moment for it, also where clocks are
// changed. Pure.
#pragma once
#include <chrono>
#include <string_view>

#include "provisioning/core/calendar_date.hpp"
#include "time/local_time.hpp"

namespace carillon::provisioning {

enum class Cadence { DAILY, WEEKLY, MONTHLY };  // weekly: on Mondays; monthly: on the first

struct Schedule {
  Cadence cadence = Cadence::DAILY;
  std::chrono::minutes time_of_day{};  // as local clocks show it
};

// The latest date, not after this one, that the cadence names.
Date cadence_date(Cadence cadence, Date date);
Date month_before(Date today);  // the first of the last month that is over
UtcTime latest_moment(const Schedule& schedule, std::string_view time_zone, UtcTime now);  // at or before `now`
UtcTime next_moment(const Schedule& schedule, std::string_view time_zone, UtcTime after);  // after it

}  // namespace carillon::provisioning
