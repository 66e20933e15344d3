// Who asked what before (table idempotency_keys), set-based. Free functions over a transaction.
#pragma once
#include <chrono>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

// Longer than the bus keeps records, so that a record never outlives its claim.
inline constexpr std::chrono::hours idempotency_retention{96};

struct IdempotencyClaim {
  std::string source, key, body_hash, message_id;
  std::int32_t message_count = 1;
  UtcTime accepted_at{};
};

// `claims` hold each (source, key) once. Answers the message ids whose claim is new. Waits for a concurrent transaction
// that claims the same pair.
std::set<std::string> claim_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> claims, UtcTime now);

// What stands for each pair, by position in `pairs`.
std::map<std::size_t, IdempotencyClaim> find_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> pairs,
                                                  UtcTime now);

}  // namespace carillon::orchestrator
