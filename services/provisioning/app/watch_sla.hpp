// Tells the admins of compliance items that were let go: expired, or never verified. One alert a client and run, each
// item and breach once.
#pragma once
#include "provisioning/app/job_batch.hpp"
#include "provisioning/core/compliance_due.hpp"

namespace carillon::provisioning {

BatchOutcome watch_sla(const JobBatch& batch, const SlaBounds& bounds);

}  // namespace carillon::provisioning
