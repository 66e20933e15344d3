// carillon job list|run: the jobs that come round with time.
#include <iostream>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"
#include "http/url.hpp"

namespace carillon::cli {
namespace {

constexpr const char* path = "/api/admin/scheduled-jobs";

struct JobOptions {
  std::string name;
  bool json = false;
};

std::vector<std::string> row_of(const rapidjson::Value& job) {
  std::vector<std::string> row;
  for (const char* name : {"name", "cadence", "local_time", "time_zones", "next_at", "last_success_at"})
    row.push_back(for_terminal(text_of(job, name)));
  const auto& runs = job["runs"].GetArray();
  for (const char* name : {"outcome", "tries", "clients", "emails", "sms"})
    row.push_back(runs.Empty() ? "-" : for_terminal(text_of(runs[0], name)));
  return row;
}

void list(const JobOptions& options) {
  Api api;
  const auto jobs = api.get(path);
  std::vector<std::vector<std::string>> rows;
  for (const auto& job : jobs["items"].GetArray()) {
    if (options.json) std::cout << to_line(job) << '\n';
    rows.push_back(row_of(job));
  }
  if (!options.json)
    std::cout << table({"JOB", "CADENCE", "LOCAL TIME", "TIME ZONES", "NEXT", "LAST SUCCESS", "LAST RUN", "TRIES",
                        "CLIENTS", "E-MAILS", "SMS"},
                       rows);
}

void run(const JobOptions& options) {
  Api api;
  const auto started = api.post(std::string(path) + "/" + http::percent_encoded(options.name) + "/run", {});
  if (options.json)
    std::cout << to_line(started) << '\n';
  else
    std::cout << options.name << " runs within seconds as " << text_of(started, "run_id")
              << "; carillon job list shows how it ends\n";
}

}  // namespace

void add_job(CLI::App& app) {
  auto options = std::make_shared<JobOptions>();
  auto* command = app.add_subcommand("job", "Reminders, digests, reports and alerts that come round with time")
                      ->require_subcommand(1);
  auto* listing = command->add_subcommand("list", "what there is, when it comes next, how the last run ended");
  listing->add_flag("--json", options->json, "one JSON object a line, with the last runs");
  listing->callback([options] { list(*options); });
  auto* running = command->add_subcommand("run", "one run now; who was told already is not told again");
  running->add_option("name", options->name, "such as compliance-reminders")->required();
  running->add_flag("--json", options->json);
  running->callback([options] { run(*options); });
}

}  // namespace carillon::cli
