// Runs the jobs that come round with time, on a thread of its own. Any number of instances may look; the one whose
// session holds an advisory lock leads and runs them, over that very session, so whoever has lost the lock can commit
// nothing more. What a dead or stopped leader has left half done the next one goes on with.
//
// start(), stop() and look_now() from any thread. A job that fails is run again later, see core/scheduled_job.hpp.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "provisioning/app/job_batch.hpp"
#include "provisioning/app/job_runs.hpp"
#include "provisioning/core/compliance_due.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

struct ScheduleRules {
  std::vector<int> reminder_days{7, 14, 30};  // ascending
  SlaBounds sla;
};

// How long an ended run, and the notes that a client was told of a period or reminded of an item, are kept.
inline constexpr std::chrono::hours job_runs_kept_for{90 * 24};
inline constexpr std::chrono::hours client_notices_kept_for{400 * 24};
inline constexpr std::chrono::hours reminders_kept_for{400 * 24};

class RunScheduledJobs {
 public:
  // Nothing is done before `may_run` says so.
  RunScheduledJobs(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, ScheduleRules rules,
                   metrics::Registry& metrics, std::function<bool()> may_run);
  ~RunScheduledJobs() { stop(); }
  void start();
  void stop();      // finishes the batch it is in, and leads no more
  void look_now();  // a run was asked for

  // Runs what is due. False: another instance leads. For the thread, and for tests.
  bool turn();

 private:
  struct Failures {
    int in_a_row = 0;
    UtcTime next_try{};
  };
  void run();
  bool lead();
  bool leads() const { return connection_.is_open() && connection_.epoch() == led_epoch_; }
  void check_that_leads() const;  // throws pg::Unavailable
  bool is_stopping();
  void follow_clients(UtcTime now);
  void run_if_due(const ScheduledJobFacts& facts, const std::vector<ZoneProgress>& zones, const JobRun* open,
                  UtcTime now);
  std::optional<JobRun> begin(const std::string& job, const JobRun* open, UtcTime scheduled_for);
  bool work(const ScheduledJobFacts& facts, JobRun& run, const std::vector<ZoneDay>& zones);
  BatchOutcome do_batch(ScheduledJob job, const JobBatch& batch) const;
  void end(JobRun& run, std::string_view outcome, const std::vector<ZoneProgress>& done);
  void drop_old(UtcTime now);

  pg::Connection connection_;  // own thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const ScheduleRules rules_;
  metrics::Registry& metrics_;
  const std::function<bool()> may_run_;
  std::uint64_t led_epoch_ = 0;  // the session that holds the lock; 0: none
  std::map<std::string, Failures> failures_;
  UtcTime next_drop_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false;   // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  bool wanted_ = false;    // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::provisioning
