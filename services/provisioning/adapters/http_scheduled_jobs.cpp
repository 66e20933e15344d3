#include "provisioning/adapters/http_scheduled_jobs.hpp"

#include <fmt/format.h>

#include "provisioning/adapters/http_answers.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

std::string time_json(const std::optional<UtcTime>& at) {
  return at ? json_string(to_rfc3339(*at)) : "null";
}

std::string run_json(const JobRun& run) {
  return "{\"run_id\":" + json_string(run.id) + ",\"job\":" + json_string(run.job) +
         ",\"scheduled_for\":" + json_string(to_rfc3339(run.scheduled_for)) +
         ",\"requested_by\":" + json_string(run.requested_by) + ",\"started_at\":" + time_json(run.started_at) +
         ",\"ended_at\":" + time_json(run.ended_at) + ",\"outcome\":" + json_string(run.outcome) +
         fmt::format(R"(,"tries":{},"clients":{},"items":{},"emails":{},"sms":{}}})", run.tries, run.counts.clients,
                     run.counts.items, run.counts.emails, run.counts.sms);
}

std::string job_json(const ScheduledJobView& view) {
  const auto minutes = view.facts->schedule.time_of_day.count();
  std::string out =
      "{\"name\":" + json_string(view.facts->name) +
      ",\"cadence\":" + json_string(name_of(view.facts->schedule.cadence)) +
      fmt::format(R"(,"local_time":"{:02}:{:02}","time_zones":{})", minutes / 60, minutes % 60, view.time_zones) +
      ",\"in_client_zones\":" + (view.facts->in_client_zones ? "true" : "false") +
      ",\"next_at\":" + time_json(view.next_at) + ",\"last_success_at\":" + time_json(view.last_success_at) +
      ",\"runs\":[";
  for (const JobRun& run : view.runs) out += (&run == view.runs.data() ? "" : ",") + run_json(run);
  return out + "]}";
}

http::Response list(ManageScheduledJobs& jobs) {
  std::string out;
  for (const ScheduledJobView& view : jobs.list()) out += (out.empty() ? "" : ",") + job_json(view);
  return http::json(200, "{\"items\":[" + out + "]}");
}

http::Response request_run(const http::Request& request, ManageScheduledJobs& jobs) {
  const auto run = jobs.request_run(request.params.at("name"), caller_of(request));
  return run ? http::json(202, run_json(*run)) : refused(run.error());
}

}  // namespace

void add_scheduled_job_routes(http::Router& router, ManageScheduledJobs& jobs, const http::Guard& guard) {
  router.add(
      http::Method::GET, "/api/admin/scheduled-jobs", [&](const http::Request&) { return list(jobs); }, guard);
  router.add(
      http::Method::POST, "/api/admin/scheduled-jobs/{name}/run",
      [&](const http::Request& request) { return request_run(request, jobs); }, guard);
}

}  // namespace carillon::provisioning
