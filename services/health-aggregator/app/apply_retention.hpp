// Deletes what has outlived its retention, and recipients in clear before that, in short transactions. Safe from
// several instances at once.
#pragma once
#include <cstdint>

#include "health-aggregator/settings.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::health {

inline constexpr std::int64_t retention_chunk_rows = 10'000;
inline constexpr int retention_chunks_max = 1'000;  // per table and run; the rest waits for the next hour

struct Removed {
  std::int64_t message_log_rows = 0;
  std::int64_t redacted_rows = 0;  // that lost their recipient in clear
  std::int64_t rollup_rows = 0;
  std::int64_t audit_rows = 0;
};

Removed apply_retention(pg::Connection& connection, const HealthSettings& settings, UtcTime now);

}  // namespace carillon::health
