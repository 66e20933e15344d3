#include "provisioning/app/run_scheduled_jobs.hpp"

#include <utility>

#include "postgres/errors.hpp"
#include "provisioning/app/send_digests.hpp"
#include "provisioning/app/send_reminders.hpp"
#include "provisioning/app/send_reports.hpp"
#include "provisioning/app/watch_sla.hpp"
#include "provisioning_sql.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::chrono::seconds look_interval{5};
constexpr std::chrono::seconds unsettled_interval{1};  // at start, until clients may be changed
constexpr std::chrono::seconds lead_timeout{30};       // of a leader that is stopped: its session ends, and the lock
static_assert(look_interval < lead_timeout);
constexpr std::chrono::hours drop_interval{1};
constexpr int drop_rows_max = 20'000;
constexpr int drops_max = 50;

pg::ConnectionSettings leading(pg::ConnectionSettings settings) {
  settings.idle_session_timeout = lead_timeout;
  return settings;
}

}  // namespace

RunScheduledJobs::RunScheduledJobs(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock,
                                   ScheduleRules rules, metrics::Registry& metrics, std::function<bool()> may_run)
    : connection_(leading(std::move(connection))),
      bus_(bus),
      clock_(clock),
      rules_(std::move(rules)),
      metrics_(metrics),
      may_run_(std::move(may_run)) {}

void RunScheduledJobs::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  stopping_ = false;
  thread_ = std::thread([this] { run(); });
}

void RunScheduledJobs::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  connection_.close();  // and with it the lock
}

void RunScheduledJobs::look_now() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

bool RunScheduledJobs::is_stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void RunScheduledJobs::run() {
  name_this_thread("scheduled-jobs");
  bool failing = false;  // told once, not at every turn
  std::unique_lock lock(mutex_);
  while (running_) {
    wanted_ = false;
    lock.unlock();
    try {
      turn();
      failing = false;
    } catch (const std::exception& error) {
      if (!std::exchange(failing, true)) log::warn("SCHEDULED_JOBS_NOT_RUN", {{"error", error.what()}});
    }
    lock.lock();
    changed_.wait_for(lock, may_run_() ? look_interval : unsettled_interval, [this] { return !running_ || wanted_; });
  }
}

bool RunScheduledJobs::lead() {
  if (led_epoch_ != 0 && leads()) return true;
  led_epoch_ = 0;
  if (!connection_.run(provisioning_sql::try_to_lead_jobs)[0][0].as<bool>()) return false;
  led_epoch_ = connection_.epoch();
  log::info("SCHEDULED_JOBS_LED");
  for (const auto& [job, ended_at] : find_last_successes(connection_))
    metrics_
        .gauge("carillon_scheduled_job_last_success_timestamp_seconds",
               "When a run of this job was last done; kept by the instance that leads", {{"scheduled_job", job}})
        .set(static_cast<double>(unix_micros(ended_at)) / 1e6);
  return true;
}

bool RunScheduledJobs::turn() {
  if (!may_run_() || !lead()) return false;
  const UtcTime now = clock_.now();
  follow_clients(now);
  const auto zones = read_schedule_zones(connection_);
  const auto open = find_open_job_runs(connection_);
  for (const ScheduledJobFacts& facts : scheduled_jobs) {
    if (is_stopping()) break;
    const auto of_job = zones.find(std::string(facts.name));
    const auto run = open.find(std::string(facts.name));
    run_if_due(facts, of_job == zones.end() ? std::vector<ZoneProgress>{} : of_job->second,
               run == open.end() ? nullptr : &run->second, now);
  }
  drop_old(now);
  return true;
}

void RunScheduledJobs::follow_clients(UtcTime now) {
  pg::Transaction tx(connection_);
  note_schedule_zones(tx, now);
  check_that_leads();
  tx.commit();
}

void RunScheduledJobs::check_that_leads() const {
  if (!leads()) throw pg::Unavailable("the session that led scheduled jobs is gone");
}

void RunScheduledJobs::run_if_due(const ScheduledJobFacts& facts, const std::vector<ZoneProgress>& zones,
                                  const JobRun* open, UtcTime now) {
  const std::string name(facts.name);
  DueRun due = due_run(facts, zones, now).value_or(DueRun{});
  if (open == nullptr && (due.zones.empty() || now < failures_[name].next_try)) return;
  std::optional<JobRun> begun = begin(name, open, due.scheduled_for);
  if (!begun) return;
  JobRun& run = *begun;
  const bool by_schedule = run.requested_by.empty();
  if (!by_schedule) due.zones.clear();  // what comes at its time still does
  std::vector<ZoneDay> days;
  if (by_schedule && facts.in_client_zones) {
    for (const ZoneProgress& zone : due.zones) days.push_back({zone.time_zone, local_date(zone.time_zone, now)});
  } else {
    for (const std::string& zone : read_client_zones(connection_)) days.push_back({zone, local_date(zone, now)});
  }
  try {
    if (work(facts, run, days)) end(run, run_done, due.zones);
  } catch (const pg::Unavailable&) {
    throw;  // the run is open still; whoever leads then goes on with it
  } catch (const pg::Conflict&) {
    throw;
  } catch (const std::exception& error) {
    log::error("SCHEDULED_JOB_FAILED", {{"job", name}, {"run_id", run.id}, {"error", error.what()}});
    end(run, run_failed, {});
  }
}

// Takes up the open run, or makes one. nullopt: one was asked for a moment ago, and is seen at the next look.
std::optional<JobRun> RunScheduledJobs::begin(const std::string& job, const JobRun* open, UtcTime scheduled_for) {
  const UtcTime now = clock_.now();
  pg::Transaction tx(connection_);
  std::optional<JobRun> run = open != nullptr ? *open : insert_job_run(tx, job, scheduled_for, {}, now);
  if (!run) return run;
  run->outcome = run_running;
  if (!run->started_at) run->started_at = now;
  ++run->tries;
  update_job_run(tx, *run);
  tx.commit();
  return run;
}

// False: stopped in between; the run stays open.
bool RunScheduledJobs::work(const ScheduledJobFacts& facts, JobRun& run, const std::vector<ZoneDay>& zones) {
  std::string after;
  while (!is_stopping()) {
    pg::Transaction tx(connection_);
    bus::Outbox out;
    const BatchOutcome outcome = do_batch(facts.job, {tx, out, zones, after, clock_.now()});
    check_that_leads();
    run.counts += outcome.counts;
    if (outcome.counts != RunCounts{}) update_job_run(tx, run);
    failpoint("provisioning.scheduled_job.before_commit");
    bus_.commit(out, tx);
    failpoint("provisioning.scheduled_job.after_commit");
    bus_.wake(out);
    if (outcome.is_last) return true;
    after = outcome.last_client;
  }
  return false;
}

BatchOutcome RunScheduledJobs::do_batch(ScheduledJob job, const JobBatch& batch) const {
  switch (job) {
    case ScheduledJob::COMPLIANCE_REMINDERS:
      return send_reminders(batch, rules_.reminder_days);
    case ScheduledJob::COMPLIANCE_SLA:
      return watch_sla(batch, rules_.sla);
    case ScheduledJob::MONTHLY_DIGEST:
      return send_monthly_digests(batch);
    case ScheduledJob::PENDING_VERIFICATION_DIGEST:
      return send_verification_digests(batch);
    case ScheduledJob::SCHEDULED_REPORTS:
      return send_reports(batch);
  }
  throw std::logic_error("a scheduled job without a batch");
}

void RunScheduledJobs::end(JobRun& run, std::string_view outcome, const std::vector<ZoneProgress>& done) {
  const UtcTime now = clock_.now();
  run.outcome = outcome;
  run.ended_at = now;
  pg::Transaction tx(connection_);
  update_job_run(tx, run);
  if (!done.empty()) advance_schedule_zones(tx, run.job, done);
  tx.commit();
  metrics_
      .counter("carillon_scheduled_job_runs_total", "Runs of scheduled jobs that are over, and how they ended",
               {{"scheduled_job", run.job}, {"outcome", run.outcome}})
      .add();
  Failures& failures = failures_[run.job];
  if (outcome == run_failed) {
    ++failures.in_a_row;
    failures.next_try = now + run_retry_pause(failures.in_a_row);
    return;
  }
  failures = {};
  metrics_
      .gauge("carillon_scheduled_job_last_success_timestamp_seconds",
             "When a run of this job was last done; kept by the instance that leads", {{"scheduled_job", run.job}})
      .set(static_cast<double>(unix_micros(now)) / 1e6);
  const bool says_something = run.counts != RunCounts{} || !run.requested_by.empty();
  log::write(says_something ? log::Level::INFO : log::Level::DEBUG, "SCHEDULED_JOB_DONE",
             {{"job", run.job},
              {"run_id", run.id},
              {"scheduled_for", to_rfc3339(run.scheduled_for)},
              {"clients", run.counts.clients},
              {"emails", run.counts.emails},
              {"sms", run.counts.sms}});
}

void RunScheduledJobs::drop_old(UtcTime now) {
  if (now < next_drop_) return;
  next_drop_ = now + drop_interval;
  const auto drop = [&](const pg::Query& query, std::chrono::hours kept_for) {
    for (int times = 0; times < drops_max; ++times) {
      const auto dropped = connection_.run(query, pg::Params().add(now - kept_for).add(drop_rows_max));
      if (dropped.affected_rows() < static_cast<pqxx::result::size_type>(drop_rows_max)) return;
    }
  };
  drop(provisioning_sql::drop_old_job_runs, job_runs_kept_for);
  drop(provisioning_sql::drop_old_client_notices, client_notices_kept_for);
  drop(provisioning_sql::drop_old_reminders, reminders_kept_for);
}

}  // namespace carillon::provisioning
