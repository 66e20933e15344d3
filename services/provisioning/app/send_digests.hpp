// MONTHLY_DIGEST: how a client's compliance items stand, once for each month that is over. PENDING_VERIFICATION_DIGEST:
// what waits for verification, once a week. Clients without such items get none.
#pragma once
#include "provisioning/app/job_batch.hpp"

namespace carillon::provisioning {

BatchOutcome send_monthly_digests(const JobBatch& batch);
BatchOutcome send_verification_digests(const JobBatch& batch);

}  // namespace carillon::provisioning
