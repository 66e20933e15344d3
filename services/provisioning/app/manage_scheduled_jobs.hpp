// What operators do with scheduled jobs: look, and have one run now.
//
// Thread-safe; blocks on the database. Throws pg::Unavailable or pg::Conflict.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/caller.hpp"
#include "provisioning/app/job_runs.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

inline constexpr int runs_shown_max = 10;  // of each job

struct ScheduledJobView {
  const ScheduledJobFacts* facts = nullptr;
  std::size_t time_zones = 0;      // in which it comes round
  std::optional<UtcTime> next_at;  // in the first of them
  std::optional<UtcTime> last_success_at;
  std::vector<JobRun> runs;  // newest first
};

class ManageScheduledJobs {
 public:
  // `look_now` is called when a run was asked for.
  ManageScheduledJobs(pg::Pool& pool, bus::Bus& bus, const Clock& clock, std::function<void()> look_now)
      : pool_(pool), bus_(bus), clock_(clock), look_now_(std::move(look_now)) {}

  std::vector<ScheduledJobView> list();
  // The run, which the leader begins with within seconds: what the job would do at its time it does now for all clients
  // that were not told yet. Failures: SCHEDULED_JOB_NOT_FOUND, SCHEDULED_JOB_RUNS.
  Result<JobRun> request_run(const std::string& name, const Caller& caller);

 private:
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  const std::function<void()> look_now_;
};

}  // namespace carillon::provisioning
