// The provisioning job: what makes a client of a paid checkout, step by step. Pure. Drawn in docs/state-machines.md.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::provisioning {

// In the order they are taken. Each is committed together with the job's move to the next.
enum class JobStep {
  CREATE_PORTAL_USER,  // the owner's account
  MARK_PROVISIONED,    // onboarding_status, in a new version of the client
  SEND_WELCOME,        // WELCOME_EMAIL, which waits for that version
};
enum class JobStatus {
  RUNNING,
  FAILED,  // a step failed too often: a person was told, and may have it tried again
  DONE,
  CANCELLED,  // the client is gone, or no longer paid
};

std::string_view name_of(JobStep step);
std::string_view name_of(JobStatus status);
std::optional<JobStep> find_job_step(std::string_view name);
std::optional<JobStatus> find_job_status(std::string_view name);

struct ProvisioningJob {
  std::string id;
  std::string client_id;
  JobStatus status = JobStatus::RUNNING;
  JobStep step = JobStep::CREATE_PORTAL_USER;  // the next to take; of a job that is over the last one taken
  int attempts = 0;                            // failed tries of this step
  UtcTime next_attempt_at{};
  std::string last_error;           // code of the last failure, cleared by the step's success; no personal data
  std::string account_id;           // of the owner, once CREATE_PORTAL_USER is done
  std::int64_t client_version = 0;  // the first that is PROVISIONED, once MARK_PROVISIONED is done
  UtcTime created_at{};
  std::optional<UtcTime> finished_at;  // of DONE and CANCELLED
  bool operator==(const ProvisioningJob&) const = default;
};

// Pause before the n-th further try; the last one is used for all that follow.
inline constexpr std::array<std::chrono::seconds, 4> retry_pauses{
    {std::chrono::seconds{10}, std::chrono::seconds{30}, std::chrono::minutes{2}, std::chrono::minutes{10}}};

ProvisioningJob new_job(std::string id, std::string client_id, UtcTime now);

// What is to be done now; nullopt: nothing yet, or nothing any more.
std::optional<JobStep> due_step(const ProvisioningJob& job, UtcTime now);

// The job after a step was taken.
ProvisioningJob stepped(ProvisioningJob job, UtcTime now);
// The job after a step failed. FAILED after `attempts_max` tries, or at once when trying again can't help.
ProvisioningJob failed(ProvisioningJob job, std::string_view error, bool may_retry, int attempts_max, UtcTime now);
ProvisioningJob cancelled(ProvisioningJob job, std::string_view reason, UtcTime now);
// A person has a FAILED job tried again, at once and with all its tries. nullopt: it is not FAILED.
std::optional<ProvisioningJob> retried(ProvisioningJob job, UtcTime now);

}  // namespace carillon::provisioning
