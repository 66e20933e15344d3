#include "provisioning/core/scheduled_job.hpp"

#include <algorithm>

namespace carillon::provisioning {

const ScheduledJobFacts* find_scheduled_job(std::string_view name) {
  const auto found = std::find_if(scheduled_jobs.begin(), scheduled_jobs.end(),
                                  [&](const ScheduledJobFacts& facts) { return facts.name == name; });
  return found == scheduled_jobs.end() ? nullptr : &*found;
}

std::string_view name_of(ScheduledJob job) {
  return std::find_if(scheduled_jobs.begin(), scheduled_jobs.end(),
                      [&](const ScheduledJobFacts& facts) { return facts.job == job; })
      ->name;
}

std::string_view name_of(Cadence cadence) {
  constexpr std::array<std::string_view, 3> names{"DAILY", "WEEKLY", "MONTHLY"};
  return names.at(static_cast<std::size_t>(cadence));
}

std::optional<DueRun> due_run(const ScheduledJobFacts& job, std::span<const ZoneProgress> zones, UtcTime now) {
  DueRun run;
  for (const ZoneProgress& zone : zones) {
    const UtcTime moment = latest_moment(job.schedule, zone.time_zone, now);
    if (moment <= zone.done_until) continue;
    run.zones.push_back({zone.time_zone, moment});
    run.scheduled_for = std::max(run.scheduled_for, moment);
  }
  return run.zones.empty() ? std::nullopt : std::optional{std::move(run)};
}

UtcTime done_until_there(const Schedule& schedule, std::string_view came_from, std::string_view came_to,
                         UtcTime done_until) {
  const Date done = local_date(came_from, latest_moment(schedule, came_from, done_until));
  return local_moment(came_to, cadence_date(schedule.cadence, done), schedule.time_of_day);
}

std::chrono::minutes run_retry_pause(int failures_in_a_row) {
  const auto place = static_cast<std::size_t>(std::max(1, failures_in_a_row)) - 1;
  return run_retry_pauses.at(std::min(place, run_retry_pauses.size() - 1));
}

RunCounts& RunCounts::operator+=(const RunCounts& more) {
  clients += more.clients;
  items += more.items;
  emails += more.emails;
  sms += more.sms;
  return *this;
}

}  // namespace carillon::provisioning
