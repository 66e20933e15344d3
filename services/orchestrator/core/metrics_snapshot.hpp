// The body of POST /api/tenants/{id}/metrics: read and checked. Pure.
#pragma once
#include <optional>
#include <string_view>

#include "events/events.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

inline constexpr double psi_max = 1'000;
inline constexpr double amount_max = 1e12;
inline constexpr std::size_t export_id_chars_max = 100;
inline constexpr std::size_t vendor_chars_max = 200;
inline constexpr std::chrono::minutes clocks_apart_max{5};  // observed_at may be ahead of us by this much

// nullopt = well formed. Else INVALID_FIELD; the detail is "<field>: <what is wrong>" and repeats no value.
std::optional<Failure> find_invalid_metric(const events::MetricsSnapshot& snapshot, UtcTime now);

// Failure MALFORMED_JSON, INVALID_FIELD, or NO_METRICS for a snapshot that says nothing.
Result<events::MetricsSnapshot> read_metrics(std::string_view json, UtcTime now);

}  // namespace carillon::orchestrator
