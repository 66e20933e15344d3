#include "provisioning/core/local_schedule.hpp"

namespace carillon::provisioning {
namespace {

using std::chrono::days;

Date following(Cadence cadence, Date date) {
  switch (cadence) {
    case Cadence::DAILY:
      return date + days{1};
    case Cadence::WEEKLY:
      return date + days{7};
    case Cadence::MONTHLY:
      break;
  }
  return Date{std::chrono::year_month_day{date} + std::chrono::months{1}};
}

}  // namespace

Date cadence_date(Cadence cadence, Date date) {
  switch (cadence) {
    case Cadence::DAILY:
      return date;
    case Cadence::WEEKLY:
      return date - (std::chrono::weekday{date} - std::chrono::Monday);
    case Cadence::MONTHLY:
      break;
  }
  const std::chrono::year_month_day day{date};
  return Date{day.year() / day.month() / 1};
}

Date month_before(Date today) {
  return cadence_date(Cadence::MONTHLY, cadence_date(Cadence::MONTHLY, today) - days{1});
}

UtcTime latest_moment(const Schedule& schedule, std::string_view time_zone, UtcTime now) {
  Date date = cadence_date(schedule.cadence, local_date(time_zone, now));
  while (true) {
    const UtcTime moment = local_moment(time_zone, date, schedule.time_of_day);
    if (moment <= now) return moment;
    date = cadence_date(schedule.cadence, date - days{1});
  }
}

UtcTime next_moment(const Schedule& schedule, std::string_view time_zone, UtcTime after) {
  Date date = cadence_date(schedule.cadence, local_date(time_zone, after));
  while (true) {
    const UtcTime moment = local_moment(time_zone, date, schedule.time_of_day);
    if (moment > after) return moment;
    date = following(schedule.cadence, date);
  }
}

}  // namespace carillon::provisioning
