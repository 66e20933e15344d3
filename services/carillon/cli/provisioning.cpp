// carillon provisioning list|retry: the jobs that make a client of a paid checkout.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

constexpr const char* jobs_path = "/api/admin/jobs";
constexpr int page_jobs_max = 200;

struct JobOptions {
  std::string id, status, client_id;
  int limit = 50;
  bool json = false;
};

std::vector<std::string> job_row(const rapidjson::Value& job) {
  std::vector<std::string> row;
  for (const char* name :
       {"job_id", "client_id", "status", "step", "attempts", "last_error", "created_at", "next_attempt_at"})
    row.push_back(for_terminal(text_of(job, name)));
  return row;
}

void list_jobs(const JobOptions& options) {
  http::Fields query{{"limit", std::to_string(options.limit)}};
  if (!options.status.empty()) query.emplace_back("status", options.status);
  if (!options.client_id.empty()) query.emplace_back("client_id", options.client_id);
  Api api;
  const auto page = api.get(jobs_path + ("?" + http::form_encoded(query)));
  std::vector<std::vector<std::string>> rows;
  for (const auto& job : page["items"].GetArray()) {
    if (options.json) std::cout << to_line(job) << '\n';
    rows.push_back(job_row(job));
  }
  if (!options.json && rows.empty()) std::cout << "no such job\n";
  if (!options.json && !rows.empty())
    std::cout << table({"JOB", "CLIENT", "STATUS", "STEP", "FAILED TRIES", "LAST ERROR", "SINCE", "NEXT TRY"}, rows);
  if (!text_of(page, "next_cursor").empty()) std::cerr << "carillon: there are older ones\n";
}

void retry(const JobOptions& options) {
  Api api;
  const auto job = api.post(std::string(jobs_path) + "/" + http::percent_encoded(options.id) + "/retry", {});
  if (options.json)
    std::cout << to_line(job) << '\n';
  else
    std::cout << "job " << options.id << " goes on with " << text_of(job, "step") << '\n';
}

}  // namespace

void add_provisioning(CLI::App& app) {
  auto options = std::make_shared<JobOptions>();
  auto* command =
      app.add_subcommand("provisioning", "Jobs that set up paid clients: carillon provisioning list --status FAILED")
          ->require_subcommand(1);
  auto* listing = command->add_subcommand("list", "jobs, newest first");
  listing->add_option("--status", options->status)->check(CLI::IsMember({"RUNNING", "FAILED", "DONE", "CANCELLED"}));
  listing->add_option("--client", options->client_id, "only this client's");
  listing->add_option("--limit", options->limit, "at most so many")->check(CLI::Range(1, page_jobs_max));
  listing->add_flag("--json", options->json, "one JSON object a line");
  listing->callback([options] { list_jobs(*options); });
  auto* again = command->add_subcommand("retry", "have a FAILED job tried again");
  again->add_option("job_id", options->id)->required();
  again->add_flag("--json", options->json);
  again->callback([options] { retry(*options); });
}

}  // namespace carillon::cli
