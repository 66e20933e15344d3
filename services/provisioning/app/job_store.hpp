// The table of provisioning jobs. One transaction, one thread. Throws pg::Unavailable, pg::Conflict or
// pg::StatementError.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "provisioning/core/job_list.hpp"
#include "provisioning/core/provisioning_job.hpp"

namespace carillon::provisioning {

// A job for each client that has none under way; those that were started.
std::vector<ProvisioningJob> start_jobs(pg::Transaction& tx, std::span<const std::string> client_ids, UtcTime now);
// The job that is due longest and that no other instance has in hand, locked.
std::optional<ProvisioningJob> lock_due_job(pg::Transaction& tx, UtcTime now);
std::optional<ProvisioningJob> lock_job(pg::Transaction& tx, const std::string& job_id);  // any UUID
void update_job(pg::Transaction& tx, const ProvisioningJob& job);
// One more than filter.limit when there are more.
std::vector<ProvisioningJob> list_jobs(pg::Connection& connection, const JobFilter& filter);

}  // namespace carillon::provisioning
