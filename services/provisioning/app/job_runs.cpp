#include "provisioning/app/job_runs.hpp"

#include "provisioning_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

std::optional<UtcTime> time_of(const pqxx::field& field) {
  return field.is_null() ? std::nullopt : std::optional{pg::to_utc(field.c_str())};
}

JobRun run_of(const pqxx::row& row) {
  JobRun run;
  run.id = row["id"].c_str();
  run.job = row["job"].c_str();
  run.scheduled_for = pg::to_utc(row["scheduled_for"].c_str());
  run.requested_by = row["requested_by"].c_str();
  run.requested_at = pg::to_utc(row["requested_at"].c_str());
  run.started_at = time_of(row["started_at"]);
  run.ended_at = time_of(row["ended_at"]);
  run.outcome = row["outcome"].c_str();
  run.tries = row["tries"].as<int>();
  run.counts = {row["clients"].as<int>(), row["items"].as<int>(), row["emails"].as<int>(), row["sms"].as<int>()};
  return run;
}

pg::Array job_names(bool only_by_utc) {
  pg::Array names;
  for (const ScheduledJobFacts& facts : scheduled_jobs)
    if (!only_by_utc || !facts.in_client_zones) names.add(facts.name);
  return names;
}

void add_or_null(pg::Params& params, const std::optional<UtcTime>& time) {
  time ? params.add(*time) : params.add_null();
}

}  // namespace

std::optional<JobRun> insert_job_run(pg::Transaction& tx, const std::string& job, UtcTime scheduled_for,
                                     const std::string& requested_by, UtcTime now) {
  const auto rows = tx.run(provisioning_sql::insert_job_run,
                           pg::Params().add(new_uuid(now)).add(job).add(scheduled_for).add(requested_by).add(now));
  return rows.empty() ? std::nullopt : std::optional{run_of(rows[0])};
}

void update_job_run(pg::Transaction& tx, const JobRun& run) {
  pg::Params params;
  params.add(run.id);
  add_or_null(params, run.started_at);
  add_or_null(params, run.ended_at);
  params.add(run.outcome).add(run.tries);
  params.add(run.counts.clients).add(run.counts.items).add(run.counts.emails).add(run.counts.sms);
  tx.run(provisioning_sql::update_job_run, params);
}

std::map<std::string, JobRun> find_open_job_runs(pg::Connection& connection) {
  std::map<std::string, JobRun> runs;
  for (const auto& row : connection.run(provisioning_sql::find_open_job_runs))
    runs.emplace(row["job"].c_str(), run_of(row));
  return runs;
}

std::map<std::string, std::vector<JobRun>> list_job_runs(pg::Connection& connection, int runs_each_max) {
  std::map<std::string, std::vector<JobRun>> runs;
  for (const auto& row :
       connection.run(provisioning_sql::list_job_runs, pg::Params().add(job_names(false)).add(runs_each_max)))
    runs[row["job"].c_str()].push_back(run_of(row));
  return runs;
}

std::map<std::string, UtcTime> find_last_successes(pg::Connection& connection) {
  std::map<std::string, UtcTime> times;
  for (const auto& row : connection.run(provisioning_sql::find_last_successes))
    times.emplace(row["job"].c_str(), pg::to_utc(row["ended_at"].c_str()));
  return times;
}

void note_schedule_move(pg::Transaction& tx, const std::string& client_id, const std::string& time_zone) {
  tx.run(provisioning_sql::note_schedule_move, pg::Params().add(client_id).add(time_zone));
}

void note_schedule_zones(pg::Transaction& tx, UtcTime now) {
  // First, so that the statements behind it see every time zone that it names.
  const auto moves = tx.run(provisioning_sql::take_schedule_moves);
  tx.run(provisioning_sql::forget_schedule_zones, pg::Params().add(job_names(true)));
  pg::Array in_client_zones;
  for (const ScheduledJobFacts& facts : scheduled_jobs) in_client_zones.add(facts.in_client_zones);
  tx.run(provisioning_sql::note_schedule_zones,
         pg::Params().add(job_names(false)).add(std::move(in_client_zones)).add(now));
  pg::Array jobs, zones, times;
  for (const auto& row : moves) {
    const ScheduledJobFacts* facts = find_scheduled_job(row["job"].c_str());
    if (facts == nullptr || !facts->in_client_zones) continue;
    jobs.add(facts->name);
    zones.add(row["came_to"].c_str());
    times.add(done_until_there(facts->schedule, row["came_from"].c_str(), row["came_to"].c_str(),
                               pg::to_utc(row["done_until"].c_str())));
  }
  if (jobs.size() > 0)
    tx.run(provisioning_sql::set_back_schedule_zones,
           pg::Params().add(std::move(jobs)).add(std::move(zones)).add(std::move(times)));
}

std::map<std::string, std::vector<ZoneProgress>> read_schedule_zones(pg::Connection& connection) {
  std::map<std::string, std::vector<ZoneProgress>> zones;
  for (const auto& row : connection.run(provisioning_sql::read_schedule_zones, pg::Params().add(job_names(true))))
    zones[row["job"].c_str()].push_back({row["time_zone"].c_str(), pg::to_utc(row["done_until"].c_str())});
  return zones;
}

void advance_schedule_zones(pg::Transaction& tx, const std::string& job, const std::vector<ZoneProgress>& zones) {
  pg::Array names, times;
  for (const ZoneProgress& zone : zones) {
    names.add(zone.time_zone);
    times.add(zone.done_until);
  }
  tx.run(provisioning_sql::advance_schedule_zones, pg::Params().add(job).add(std::move(names)).add(std::move(times)));
}

std::vector<std::string> read_client_zones(pg::Connection& connection) {
  std::vector<std::string> zones;
  for (const auto& row : connection.run(provisioning_sql::read_client_zones)) zones.emplace_back(row[0].c_str());
  return zones;
}

}  // namespace carillon::provisioning
