#include "provisioning/app/run_jobs.hpp"

#include <array>

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "http/message.hpp"
#include "postgres/errors.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/job_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::chrono::seconds look_interval{1};
constexpr int steps_per_turn_max = 1'000;

struct StepFailpoints {
  const char *before_commit, *after_commit;
};
// In the order of JobStep.
constexpr std::array<StepFailpoints, 3> failpoints{{
    {"provisioning.create_portal_user.before_commit", "provisioning.create_portal_user.after_commit"},
    {"provisioning.mark_provisioned.before_commit", "provisioning.mark_provisioned.after_commit"},
    {"provisioning.send_welcome.before_commit", "provisioning.send_welcome.after_commit"},
}};

// PROVISIONING_FAILED_ADMIN. `client_name` is what the admins call the client.
void publish_job_failed(bus::Outbox& out, const ProvisioningJob& job, const std::string& client_name, UtcTime now) {
  using http::json_string;
  events::SendRequest request;
  request.message_id = new_uuid(now);
  request.source = event_source;
  request.idempotency_key = "job-failed/" + request.message_id;
  request.template_key = "PROVISIONING_FAILED_ADMIN";
  request.variables.text = "{\"client_name\":" + json_string(client_name) + ",\"job_id\":" + json_string(job.id) +
                           ",\"step\":" + json_string(name_of(job.step)) + ",\"error\":" + json_string(job.last_error) +
                           "}";
  request.accepted_at = now;
  request.context = events::Context{std::string(event_source), "a provisioning job failed"};
  out.publish(bus::topics::send_requests,
              {job.client_id, events::binary_headers("carillon.send-request.v1", event_source, request.message_id, now),
               events::to_json(request)});
}

std::string name_for_admins(const ProvisioningJob& job, const Client* client) {
  return client == nullptr || client->business_name.empty() ? job.client_id : client->business_name;
}

}  // namespace

RunJobs::RunJobs(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Accounts& accounts,
                 int attempts_max, metrics::Registry& metrics, std::function<void()> prepare)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      accounts_(accounts),
      attempts_max_(attempts_max),
      metrics_(metrics),
      prepare_(std::move(prepare)) {
  // There before the first failure: an alert sees it grow, and not begin.
  for (const JobStep step : {JobStep::CREATE_PORTAL_USER, JobStep::MARK_PROVISIONED, JobStep::SEND_WELCOME})
    counter(step, "FAILED");
}

void RunJobs::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void RunJobs::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void RunJobs::look_now() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

void RunJobs::run() {
  name_this_thread("provision-jobs");
  bool failing = false;  // told once, not at every turn
  std::unique_lock lock(mutex_);
  while (running_) {
    wanted_ = false;
    lock.unlock();
    try {
      prepare_();
      for (int steps = 0; steps < steps_per_turn_max && take_one(); ++steps) {
      }
      failing = false;
    } catch (const std::exception& error) {
      if (!std::exchange(failing, true)) log::warn("PROVISIONING_JOBS_NOT_RUN", {{"error", error.what()}});
    }
    lock.lock();
    changed_.wait_for(lock, look_interval, [this] { return !running_ || wanted_; });
  }
}

bool RunJobs::take_one() {
  std::optional<ProvisioningJob> job;
  try {
    const UtcTime now = clock_.now();
    pg::Transaction tx(connection_);
    job = lock_due_job(tx, now);
    if (!job) return false;
    bus::Outbox out;
    return take(tx, out, *job, now);
  } catch (const pg::Conflict&) {
    return true;  // somebody else was faster; the next look shows what is left to do
  } catch (const std::exception& error) {
    if (!job) throw;
    log::warn(
        "PROVISIONING_STEP_FAILED",
        {{"job_id", job->id}, {"client_id", job->client_id}, {"step", name_of(job->step)}, {"error", error.what()}});
    record_exception(*job);
    return true;
  }
}

void RunJobs::cancel(pg::Transaction& tx, bus::Outbox& out, const ProvisioningJob& job, const std::string& reason,
                     UtcTime now) {
  update_job(tx, cancelled(job, reason, now));
  publish_audit(out,
                {"PROVISIONING_CANCELLED",
                 std::string(event_source),
                 "job",
                 job.id,
                 job.client_id,
                 "CANCELLED",
                 reason,
                 {{"step", std::string(name_of(job.step))}}},
                now);
  commit(tx, out);
  count(job.step, "CANCELLED");
  log::info("PROVISIONING_CANCELLED", {{"job_id", job.id}, {"client_id", job.client_id}, {"reason", reason}});
}

bool RunJobs::take(pg::Transaction& tx, bus::Outbox& out, const ProvisioningJob& job, UtcTime now) {
  auto client = find_client(tx, job.client_id, Lock::FOR_UPDATE);
  const bool is_gone = !client || client->deleted;
  if (is_gone || !client->payment_active) {
    cancel(tx, out, job, is_gone ? "CLIENT_DELETED" : "NOT_PAID", now);
    return true;
  }
  tx.savepoint("step");
  auto taken = take_step(job, *client, accounts_, tx, out, now);
  if (!taken) {
    tx.rollback_to("step");
    out.clear();
    fail(tx, out, job, &*client, taken.error(), false, now);
    commit(tx, out);
    return true;
  }
  const StepFailpoints& at = failpoints.at(static_cast<std::size_t>(job.step));
  const ProvisioningJob next = stepped(std::move(*taken), now);
  update_job(tx, next);
  failpoint(at.before_commit);
  commit(tx, out);
  count(job.step, "DONE");
  failpoint(at.after_commit);
  const bool over = next.status == JobStatus::DONE;
  log::write(over ? log::Level::INFO : log::Level::DEBUG, over ? "CLIENT_PROVISIONED" : "PROVISIONING_STEP_DONE",
             {{"job_id", job.id}, {"client_id", job.client_id}, {"step", name_of(job.step)}});
  return true;
}

// What threw has rolled everything back: the try is counted in a transaction of its own, unless the job has moved on.
void RunJobs::record_exception(const ProvisioningJob& job) {
  const UtcTime now = clock_.now();
  pg::Transaction tx(connection_);
  const auto current = lock_job(tx, job.id);
  if (!current || *current != job) return;
  const auto client = find_client(tx, job.client_id, Lock::NO);
  bus::Outbox out;
  fail(tx, out, job, client ? &*client : nullptr, {"STEP_FAILED", "see the log"}, true, now);
  commit(tx, out);
}

void RunJobs::fail(pg::Transaction& tx, bus::Outbox& out, const ProvisioningJob& job, const Client* client,
                   const Failure& failure, bool may_retry, UtcTime now) {
  const ProvisioningJob next = failed(job, failure.code, may_retry, attempts_max_, now);
  update_job(tx, next);
  count(job.step, next.status == JobStatus::FAILED ? "FAILED" : "RETRIED");
  if (next.status != JobStatus::FAILED) return;
  publish_job_failed(out, next, name_for_admins(job, client), now);
  publish_audit(out,
                {"PROVISIONING_FAILED",
                 std::string(event_source),
                 "job",
                 job.id,
                 job.client_id,
                 "FAILED",
                 failure.code,
                 {{"step", std::string(name_of(job.step))}, {"attempts", std::to_string(next.attempts)}}},
                now);
  log::error("PROVISIONING_FAILED",
             {{"job_id", job.id}, {"client_id", job.client_id}, {"step", name_of(job.step)}, {"reason", failure.code}});
}

metrics::Counter RunJobs::counter(JobStep step, const char* result) {
  return metrics_.counter("carillon_provisioning_steps_total",
                          "Steps of provisioning jobs that were tried, and what came of it",
                          {{"step", std::string(name_of(step))}, {"result", result}});
}

void RunJobs::count(JobStep step, const char* result) {
  counter(step, result).add();
}

void RunJobs::commit(pg::Transaction& tx, bus::Outbox& out) {
  bus_.commit(out, tx);
  bus_.wake(out);
}

}  // namespace carillon::provisioning
