#include "provisioning/adapters/http_jobs.hpp"

#include "provisioning/adapters/http_answers.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

std::string job_json(const ProvisioningJob& job) {
  const auto time = [](const std::optional<UtcTime>& at) { return at ? json_string(to_rfc3339(*at)) : "null"; };
  const bool waits = job.status == JobStatus::RUNNING;
  std::string out = "{\"job_id\":" + json_string(job.id);
  out += ",\"client_id\":" + json_string(job.client_id);
  out += ",\"status\":" + json_string(name_of(job.status));
  out += ",\"step\":" + json_string(name_of(job.step));
  out += ",\"attempts\":" + std::to_string(job.attempts);
  out += ",\"next_attempt_at\":" + time(waits ? std::optional{job.next_attempt_at} : std::nullopt);
  out += ",\"last_error\":" + json_string(job.last_error);
  out += ",\"created_at\":" + time(job.created_at);
  out += ",\"finished_at\":" + time(job.finished_at);
  return out + "}";
}

http::Response list(const http::Request& request, ManageJobs& jobs) {
  const auto filter = read_job_filter(request.query);
  if (!filter) return refused(filter.error());
  const JobPage page = jobs.list(*filter);
  std::string out = "{\"items\":[";
  for (const ProvisioningJob& job : page.jobs) out += (&job == page.jobs.data() ? "" : ",") + job_json(job);
  out += "],\"next_cursor\":" + (page.next ? json_string(page_cursor(*page.next)) : "null") + "}";
  return http::json(200, std::move(out));
}

http::Response retry(const http::Request& request, ManageJobs& jobs) {
  const auto job = jobs.retry(request.params.at("id"), caller_of(request));
  return job ? http::json(202, job_json(*job)) : refused(job.error());
}

http::Response resend_invite(const http::Request& request, ResendInvite& resend) {
  const auto message_id = resend(request.params.at("id"), caller_of(request));
  if (!message_id) return refused(message_id.error());
  return http::json(202, "{\"message_id\":" + json_string(*message_id) + "}");
}

}  // namespace

void add_job_routes(http::Router& router, ManageJobs& jobs, ResendInvite& resend, const http::Guard& guard) {
  router.add(
      http::Method::GET, "/api/admin/jobs", [&](const http::Request& request) { return list(request, jobs); }, guard);
  router.add(
      http::Method::POST, "/api/admin/jobs/{id}/retry",
      [&](const http::Request& request) { return retry(request, jobs); }, guard);
  router.add(
      http::Method::POST, "/api/admin/clients/{id}/resend-password-setup",
      [&](const http::Request& request) { return resend_invite(request, resend); }, guard);
}

}  // namespace carillon::provisioning
