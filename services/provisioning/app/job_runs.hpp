// The table of runs of scheduled jobs, and how far each job is in each time zone. Throws pg::Unavailable, pg::Conflict
// or pg::StatementError.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "provisioning/core/scheduled_job.hpp"

namespace carillon::provisioning {

// Values of outcome.
inline constexpr std::string_view run_requested = "REQUESTED";
inline constexpr std::string_view run_running = "RUNNING";
inline constexpr std::string_view run_done = "DONE";
inline constexpr std::string_view run_failed = "FAILED";

struct JobRun {
  std::string id, job;
  UtcTime scheduled_for{};
  std::string requested_by;  // "": by its schedule
  UtcTime requested_at{};
  std::optional<UtcTime> started_at, ended_at;
  std::string outcome;
  int tries = 0;
  RunCounts counts;
};

// nullopt: the job has one that is not over.
std::optional<JobRun> insert_job_run(pg::Transaction& tx, const std::string& job, UtcTime scheduled_for,
                                     const std::string& requested_by, UtcTime now);
void update_job_run(pg::Transaction& tx, const JobRun& run);
std::map<std::string, JobRun> find_open_job_runs(pg::Connection& connection);  // by job
// By job, newest first.
std::map<std::string, std::vector<JobRun>> list_job_runs(pg::Connection& connection, int runs_each_max);
std::map<std::string, UtcTime> find_last_successes(pg::Connection& connection);

// Before a client's row gets another time zone than this one.
void note_schedule_move(pg::Transaction& tx, const std::string& client_id, const std::string& time_zone);
// Follows where clients live: a time zone begins with `now` where a job does not know it yet, goes back where somebody
// moved to it for whom less is done (done_until_there), and is forgotten when the last one has left.
void note_schedule_zones(pg::Transaction& tx, UtcTime now);
std::map<std::string, std::vector<ZoneProgress>> read_schedule_zones(pg::Connection& connection);  // by job
void advance_schedule_zones(pg::Transaction& tx, const std::string& job, const std::vector<ZoneProgress>& zones);
std::vector<std::string> read_client_zones(pg::Connection& connection);

}  // namespace carillon::provisioning
