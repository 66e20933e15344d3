// What has become old: idempotency keys, rate windows, attachments, the log of alerts.
#pragma once
#include <functional>

#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

// Runs one job by its name; what the job throws ends there.
using Attempt = std::function<void(const char* job, const std::function<void()>& run)>;

// Deletes in chunks, each a statement of its own. Every job is attempted, also after another one has failed.
void clean_up(pg::Connection& connection, UtcTime now, const Attempt& attempt);

}  // namespace carillon::orchestrator
