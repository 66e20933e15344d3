// Settings of compliance reminders and scheduled jobs.
#pragma once
#include "provisioning/app/run_scheduled_jobs.hpp"
#include "service/settings.hpp"

namespace carillon::provisioning {

inline constexpr int reminder_day_max = 365;
static_assert(reminders_kept_for > std::chrono::days{reminder_day_max + 2});  // until the date is past everywhere
inline constexpr std::size_t reminder_days_max = 10;                          // windows of one item
inline constexpr int reminder_days_apart_min = 2;  // one reminder of an item date in 24 hours is what the pipe takes

struct ScheduleSettings {
  ScheduleRules rules;

  static ScheduleSettings read(service::Settings& settings);
};

}  // namespace carillon::provisioning
