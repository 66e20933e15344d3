// Which keys of CARILLON_PAYLOAD_KEY have made references of recipients (table reference_keys), so that removing one
// whose entries are still on the suppression list doesn't go unnoticed. Free functions over a connection.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "security/seal.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

// How often note_reference_keys is to be called at least.
inline constexpr std::chrono::hours reference_keys_note_interval{1};

// Fingerprints of the sealer's keys in their order: eight hex digits that tell nothing about the key.
std::vector<std::string> reference_key_ids(const security::Sealer& sealer);

// Notes that the first key makes references now.
void note_reference_keys(pg::Connection& connection, const security::Sealer& sealer, UtcTime now);

struct UnreachableEntries {
  std::string key_id;  // of a key that was in use once and is not among the sealer's
  std::int64_t entries = 0;
};
// Suppressions and unsubscribes that may stand under such keys, and then block nobody any more. Reads both tables once
// when there is such a key.
std::vector<UnreachableEntries> find_unreachable(pg::Connection& connection, const security::Sealer& sealer);

}  // namespace carillon::orchestrator
