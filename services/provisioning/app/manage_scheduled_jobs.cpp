#include "provisioning/app/manage_scheduled_jobs.hpp"

#include <algorithm>

#include "provisioning/app/provisioning_events.hpp"

namespace carillon::provisioning {

std::vector<ScheduledJobView> ManageScheduledJobs::list() {
  auto connection = pool_.take();
  const auto zones = read_schedule_zones(*connection);
  const auto successes = find_last_successes(*connection);
  auto runs = list_job_runs(*connection, runs_shown_max);
  std::vector<ScheduledJobView> views;
  for (const ScheduledJobFacts& facts : scheduled_jobs) {
    const std::string name(facts.name);
    ScheduledJobView& view = views.emplace_back();
    view.facts = &facts;
    view.runs = std::move(runs[name]);
    if (const auto found = successes.find(name); found != successes.end()) view.last_success_at = found->second;
    const auto found = zones.find(name);
    if (found == zones.end()) continue;
    view.time_zones = found->second.size();
    for (const ZoneProgress& zone : found->second) {
      const UtcTime next = next_moment(facts.schedule, zone.time_zone, zone.done_until);
      view.next_at = view.next_at ? std::min(*view.next_at, next) : next;
    }
  }
  return views;
}

Result<JobRun> ManageScheduledJobs::request_run(const std::string& name, const Caller& caller) {
  if (find_scheduled_job(name) == nullptr)
    return Failure{"SCHEDULED_JOB_NOT_FOUND", "there is no scheduled job of that name"};
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  auto run = insert_job_run(tx, name, now, caller.actor, now);
  if (!run) return Failure{"SCHEDULED_JOB_RUNS", "a run of this job is under way; wait until it has ended"};
  bus::Outbox out;
  AuditFacts facts{"SCHEDULED_JOB_REQUESTED", caller.actor, "scheduled_job", name, {}, "OK"};
  facts.details = {{"run_id", run->id}};
  publish_audit(out, std::move(facts), now, caller.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  look_now_();
  return std::move(*run);
}

}  // namespace carillon::provisioning
