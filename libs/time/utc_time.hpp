// Wall-clock time as a value. Cores take `now` as an argument; only adapters and the App own a Clock.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace carillon {

// Microseconds since 1970 UTC, PostgreSQL's own resolution.
using UtcTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

// RFC 3339 in UTC with microseconds: "2026-01-31T23:59:59.000001Z". Years 0001 to 9999; times beyond are moved to the
// first or last microsecond of that range.
std::string to_rfc3339(UtcTime time);
void append_rfc3339(std::string& out, UtcTime time);
// Accepts any RFC 3339 offset and 0 to 9 fraction digits (cut to microseconds); nullopt for anything else. A leap
// second (23:59:60 UTC) is the first second of the next day.
std::optional<UtcTime> from_rfc3339(std::string_view text);

constexpr std::int64_t unix_micros(UtcTime time) {
  return time.time_since_epoch().count();
}
constexpr UtcTime from_unix_micros(std::int64_t micros) {
  return UtcTime{std::chrono::microseconds{micros}};
}
constexpr UtcTime floor_minute(UtcTime time) {
  return std::chrono::floor<std::chrono::minutes>(time);
}

}  // namespace carillon
