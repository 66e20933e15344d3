#include "provisioning/schedule_settings.hpp"

#include <algorithm>
#include <charconv>

namespace carillon::provisioning {
namespace {

// Ascending; empty when it is not a list of days.
std::vector<int> read_days(const std::vector<std::string>& words) {
  std::vector<int> days;
  for (const std::string& word : words) {
    int day = 0;
    const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), day);
    if (error != std::errc{} || stop != word.data() + word.size() || day < 1 || day > reminder_day_max) return {};
    days.push_back(day);
  }
  std::sort(days.begin(), days.end());
  const auto too_near = [](int a, int b) { return b - a < reminder_days_apart_min; };
  const bool bad =
      days.size() > reminder_days_max || std::adjacent_find(days.begin(), days.end(), too_near) != days.end();
  return bad ? std::vector<int>{} : days;
}

}  // namespace

ScheduleSettings ScheduleSettings::read(service::Settings& settings) {
  ScheduleSettings read;
  auto days = read_days(settings.list("COMPLIANCE_REMINDER_DAYS", "7,14,30",
                                      "Days before a compliance item expires on which its client is reminded"));
  if (days.empty()) {
    settings.error(
        "COMPLIANCE_REMINDER_DAYS must be 1 to 10 numbers of days from 1 to 365 separated by commas, 2 days apart at "
        "least, such as 7,14,30");
  } else {
    read.rules.reminder_days = std::move(days);
  }
  read.rules.sla.expired_days = static_cast<int>(settings.integer(
      "COMPLIANCE_SLA_EXPIRED_DAYS", SlaBounds{}.expired_days, 0, 365,
      "Days after its date on which the admins get COMPLIANCE_SLA_ALERT about an item that is not RESOLVED"));
  read.rules.sla.verification_days = static_cast<int>(
      settings.integer("COMPLIANCE_SLA_VERIFICATION_DAYS", SlaBounds{}.verification_days, 1, 365,
                       "Days that an item may be PENDING_VERIFICATION before the admins get COMPLIANCE_SLA_ALERT"));
  return read;
}

}  // namespace carillon::provisioning
