#include "provisioning/app/manage_jobs.hpp"

#include "provisioning/app/job_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {

JobPage ManageJobs::list(const JobFilter& filter) {
  auto connection = pool_.take();
  JobPage page{list_jobs(*connection, filter), std::nullopt};
  if (page.jobs.size() > static_cast<std::size_t>(filter.limit)) {
    page.jobs.pop_back();
    page.next = PagePlace{page.jobs.back().created_at, page.jobs.back().id};
  }
  return page;
}

Result<ProvisioningJob> ManageJobs::retry(const std::string& job_id, const Caller& caller) {
  const Failure not_found{"JOB_NOT_FOUND", "there is no job of that id"};
  if (!is_uuid(job_id)) return not_found;
  const UtcTime now = clock_.now();
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  const auto job = lock_job(tx, job_id);
  if (!job) return not_found;
  auto again = retried(*job, now);
  if (!again)
    return Failure{"JOB_NOT_FAILED",
                   "the job is " + std::string(name_of(job->status)) + "; only a FAILED one is retried"};
  update_job(tx, *again);
  bus::Outbox out;
  publish_audit(out,
                {"PROVISIONING_RETRIED",
                 caller.actor,
                 "job",
                 job_id,
                 job->client_id,
                 "OK",
                 job->last_error,
                 {{"step", std::string(name_of(job->step))}}},
                now, caller.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  look_now_();
  return std::move(*again);
}

}  // namespace carillon::provisioning
