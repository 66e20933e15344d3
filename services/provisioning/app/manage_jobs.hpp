// What operators do with provisioning jobs: look, and have a failed one tried again.
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
#include "provisioning/core/job_list.hpp"
#include "provisioning/core/provisioning_job.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

struct JobPage {
  std::vector<ProvisioningJob> jobs;
  std::optional<PagePlace> next;
};

class ManageJobs {
 public:
  // `look_now` is called when a job can go on.
  ManageJobs(pg::Pool& pool, bus::Bus& bus, const Clock& clock, std::function<void()> look_now)
      : pool_(pool), bus_(bus), clock_(clock), look_now_(std::move(look_now)) {}

  JobPage list(const JobFilter& filter);
  // Failures: JOB_NOT_FOUND, JOB_NOT_FAILED.
  Result<ProvisioningJob> retry(const std::string& job_id, const Caller& caller);

 private:
  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  const std::function<void()> look_now_;
};

}  // namespace carillon::provisioning
