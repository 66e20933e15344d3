#include "provisioning/core/provisioning_job.hpp"

#include <algorithm>

namespace carillon::provisioning {
namespace {

constexpr std::array<std::string_view, 3> step_names{"CREATE_PORTAL_USER", "MARK_PROVISIONED", "SEND_WELCOME"};
constexpr std::array<std::string_view, 4> status_names{"RUNNING", "FAILED", "DONE", "CANCELLED"};

template <class Enum, std::size_t Count>
std::optional<Enum> find(std::string_view name, const std::array<std::string_view, Count>& names) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view name_of(JobStep step) {
  return step_names.at(static_cast<std::size_t>(step));
}

std::string_view name_of(JobStatus status) {
  return status_names.at(static_cast<std::size_t>(status));
}

std::optional<JobStep> find_job_step(std::string_view name) {
  return find<JobStep>(name, step_names);
}

std::optional<JobStatus> find_job_status(std::string_view name) {
  return find<JobStatus>(name, status_names);
}

ProvisioningJob new_job(std::string id, std::string client_id, UtcTime now) {
  ProvisioningJob job;
  job.id = std::move(id);
  job.client_id = std::move(client_id);
  job.next_attempt_at = job.created_at = now;
  return job;
}

std::optional<JobStep> due_step(const ProvisioningJob& job, UtcTime now) {
  if (job.status != JobStatus::RUNNING || job.next_attempt_at > now) return std::nullopt;
  return job.step;
}

ProvisioningJob stepped(ProvisioningJob job, UtcTime now) {
  job.attempts = 0;
  job.last_error.clear();
  job.next_attempt_at = now;
  switch (job.step) {
    case JobStep::CREATE_PORTAL_USER:
      job.step = JobStep::MARK_PROVISIONED;
      break;
    case JobStep::MARK_PROVISIONED:
      job.step = JobStep::SEND_WELCOME;
      break;
    case JobStep::SEND_WELCOME:
      job.status = JobStatus::DONE;
      job.finished_at = now;
      break;
  }
  return job;
}

ProvisioningJob failed(ProvisioningJob job, std::string_view error, bool may_retry, int attempts_max, UtcTime now) {
  ++job.attempts;
  job.last_error = error;
  if (!may_retry || job.attempts >= attempts_max) {
    job.status = JobStatus::FAILED;
    return job;
  }
  const auto pause = std::min(static_cast<std::size_t>(job.attempts), retry_pauses.size()) - 1;
  job.next_attempt_at = now + retry_pauses[pause];
  return job;
}

ProvisioningJob cancelled(ProvisioningJob job, std::string_view reason, UtcTime now) {
  job.status = JobStatus::CANCELLED;
  job.last_error = reason;
  job.finished_at = now;
  return job;
}

std::optional<ProvisioningJob> retried(ProvisioningJob job, UtcTime now) {
  if (job.status != JobStatus::FAILED) return std::nullopt;
  job.status = JobStatus::RUNNING;
  job.attempts = 0;
  job.next_attempt_at = now;
  return job;
}

}  // namespace carillon::provisioning
