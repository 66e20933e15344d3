// Who asked what before (table idempotency_keys), set-based. Free functions over a transaction.
#pragma once
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
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

// `claims` hold each (source, key) once. Answers which are new, by their message ids (views of the claims'). Waits for
// a concurrent transaction that claims the same pair; pg::Conflict when that one commits: a second try finds its claim.
std::unordered_set<std::string_view> claim_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> claims,
                                                UtcTime now);

// What stands for a pair.
struct StandingClaim {
  std::string body_hash, message_id;
  std::int32_t message_count = 1;
};

// One for each of `pairs`, in their order; nothing where nobody has claimed it.
std::vector<std::optional<StandingClaim>> find_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> pairs,
                                                    UtcTime now);

}  // namespace carillon::orchestrator
