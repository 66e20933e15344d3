// Stored attachments as decisions need them. Free functions over a transaction, one or two statements a batch.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "orchestrator/core/attachment_rules.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

// Files that are kept long enough already are not written again for every message that names them.
inline constexpr std::chrono::hours keep_spacing{1};

// `ids` may repeat.
StoredFiles find_files(pg::Transaction& tx, std::vector<std::string> ids, UtcTime now);
// The same, and keeps each for about `retention` from when it is needed last.
StoredFiles find_and_keep_files(pg::Transaction& tx, const std::map<std::string, UtcTime>& needed_until,
                                std::chrono::hours retention, UtcTime now);

}  // namespace carillon::orchestrator
