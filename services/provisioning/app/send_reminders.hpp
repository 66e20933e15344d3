// Reminders of compliance items that expire soon: one e-mail a client that names all that are due, and an SMS where the
// client takes them. Whether its plan has SMS is gating's to say.
#pragma once
#include <vector>

#include "provisioning/app/job_batch.hpp"

namespace carillon::provisioning {

// `windows`: days before the expiry, ascending.
BatchOutcome send_reminders(const JobBatch& batch, const std::vector<int>& windows);

}  // namespace carillon::provisioning
