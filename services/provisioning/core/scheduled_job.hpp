// The jobs that come round with time, and whether a run of one is due. Pure. Not provisioning jobs, which a paid
// checkout starts (provisioning_job.hpp). A run's states are drawn in docs/state-machines.md.
#pragma once
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "provisioning/core/local_schedule.hpp"

namespace carillon::provisioning {

enum class ScheduledJob {
  COMPLIANCE_REMINDERS,         // COMPLIANCE_EXPIRY_REMINDER and ..._SMS
  COMPLIANCE_SLA,               // COMPLIANCE_SLA_ALERT, to the admins
  MONTHLY_DIGEST,               // MONTHLY_DIGEST, about the month before
  PENDING_VERIFICATION_DIGEST,  // PENDING_VERIFICATION_DIGEST
  SCHEDULED_REPORTS,            // SCHEDULED_REPORT, about the month before, with a CSV file
};

struct ScheduledJobFacts {
  ScheduledJob job;
  std::string_view name;
  Schedule schedule;
  bool in_client_zones;  // each client by its own time zone; else once, by UTC
};

inline constexpr std::chrono::hours morning{9};
inline constexpr std::array<ScheduledJobFacts, 5> scheduled_jobs{{
    {ScheduledJob::COMPLIANCE_REMINDERS, "compliance-reminders", {Cadence::DAILY, morning}, true},
    {ScheduledJob::COMPLIANCE_SLA, "compliance-sla", {Cadence::DAILY, morning}, false},
    {ScheduledJob::MONTHLY_DIGEST, "monthly-digest", {Cadence::MONTHLY, morning}, true},
    {ScheduledJob::PENDING_VERIFICATION_DIGEST, "pending-verification-digest", {Cadence::WEEKLY, morning}, true},
    {ScheduledJob::SCHEDULED_REPORTS, "scheduled-reports", {Cadence::MONTHLY, morning}, true},
}};
const ScheduledJobFacts* find_scheduled_job(std::string_view name);
std::string_view name_of(ScheduledJob job);
std::string_view name_of(Cadence cadence);

// Up to when a time zone's moments of a job are done with.
struct ZoneProgress {
  std::string time_zone;
  UtcTime done_until{};
};

struct DueRun {
  UtcTime scheduled_for{};          // the latest moment of them
  std::vector<ZoneProgress> zones;  // which are due, with what they are done until after the run
};
// One run for all zones that are due, and one for however many moments a zone has missed.
std::optional<DueRun> due_run(const ScheduledJobFacts& job, std::span<const ZoneProgress> zones, UtcTime now);

// A job is done until then in the time zone that a client leaves: until when it is done for this client in the one it
// comes to. It is dates that are done: the one it skips by moving is not, and the one it lives through twice is.
UtcTime done_until_there(const Schedule& schedule, std::string_view came_from, std::string_view came_to,
                         UtcTime done_until);

// Pause after the n-th failed run in a row; the last one is used for all that follow.
inline constexpr std::array<std::chrono::minutes, 4> run_retry_pauses{
    {std::chrono::minutes{1}, std::chrono::minutes{5}, std::chrono::minutes{15}, std::chrono::minutes{60}}};
std::chrono::minutes run_retry_pause(int failures_in_a_row);

// What a run has done. `clients` and `items` it was about.
struct RunCounts {
  int clients = 0, items = 0, emails = 0, sms = 0;
  RunCounts& operator+=(const RunCounts& more);
  bool operator==(const RunCounts&) const = default;
};

}  // namespace carillon::provisioning
