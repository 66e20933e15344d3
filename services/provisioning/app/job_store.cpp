#include "provisioning/app/job_store.hpp"

#include <stdexcept>

#include "provisioning_sql.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

template <class Enum>
Enum known(std::optional<Enum> found) {
  if (!found) throw std::logic_error("a job holds a word that is not known here");
  return *found;
}

ProvisioningJob job_of(const pqxx::row& row) {
  ProvisioningJob job;
  job.id = row["id"].as<std::string>();
  job.client_id = row["client_id"].as<std::string>();
  job.status = known(find_job_status(row["status"].c_str()));
  job.step = known(find_job_step(row["step"].c_str()));
  job.attempts = row["attempts"].as<int>();
  job.next_attempt_at = pg::to_utc(row["next_attempt_at"].c_str());
  job.last_error = row["last_error"].as<std::string>();
  job.account_id = row["account_id"].as<std::string>();
  job.client_version = row["client_version"].as<std::int64_t>();
  job.created_at = pg::to_utc(row["created_at"].c_str());
  if (!row["finished_at"].is_null()) job.finished_at = pg::to_utc(row["finished_at"].c_str());
  return job;
}

std::optional<ProvisioningJob> only_one(const pqxx::result& rows) {
  return rows.empty() ? std::nullopt : std::optional{job_of(rows[0])};
}

}  // namespace

std::vector<ProvisioningJob> start_jobs(pg::Transaction& tx, std::span<const std::string> client_ids, UtcTime now) {
  if (client_ids.empty()) return {};
  pg::Array ids, clients, times;
  for (const std::string& client_id : client_ids) {
    ids.add(new_uuid(now));
    clients.add(client_id);
    times.add(now);
  }
  std::vector<ProvisioningJob> started;
  for (const auto& row : tx.run(provisioning_sql::start_jobs,
                                pg::Params().add(std::move(ids)).add(std::move(clients)).add(std::move(times))))
    started.push_back(new_job(row["id"].as<std::string>(), row["client_id"].as<std::string>(), now));
  return started;
}

std::optional<ProvisioningJob> lock_due_job(pg::Transaction& tx, UtcTime now) {
  return only_one(tx.run(provisioning_sql::lock_due_job, pg::Params().add(now)));
}

std::optional<ProvisioningJob> lock_job(pg::Transaction& tx, const std::string& job_id) {
  return only_one(tx.run(provisioning_sql::lock_job, pg::Params().add(job_id)));
}

void update_job(pg::Transaction& tx, const ProvisioningJob& job) {
  pg::Params params;
  params.add(job.id).add(name_of(job.status)).add(name_of(job.step)).add(job.attempts).add(job.next_attempt_at);
  params.add(job.last_error).add(job.account_id).add(job.client_version);
  job.finished_at ? params.add(*job.finished_at) : params.add_null();
  tx.run(provisioning_sql::update_job, params);
}

std::vector<ProvisioningJob> list_jobs(pg::Connection& connection, const JobFilter& filter) {
  pg::Params params;
  for (const auto* word : {&filter.status, &filter.client_id}) *word ? params.add(**word) : params.add_null();
  if (filter.after) {
    params.add(filter.after->created_at).add(filter.after->id);
  } else {
    params.add_null().add_null();
  }
  params.add(filter.limit + 1);
  std::vector<ProvisioningJob> jobs;
  for (const auto& row : connection.run(provisioning_sql::list_jobs, params)) jobs.push_back(job_of(row));
  return jobs;
}

}  // namespace carillon::provisioning
