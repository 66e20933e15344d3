// Quiet hours of a client: the same local times every day, in its time zone. Pure.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "time/local_time.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

// Minutes of the local day; an end that is not after the start is the next day's.
struct QuietHours {
  std::chrono::minutes start{};
  std::chrono::minutes end{};
  bool operator==(const QuietHours&) const = default;
};

// "22:00-07:00". Failure INVALID_FIELD: something else, or no time between the two.
Result<QuietHours> parse_quiet_hours(std::string_view text);
std::string to_text(const QuietHours& hours);

// When the quiet hours that `at` lies in are over; nullopt: it lies in none. A zone that is unknown or empty is UTC.
// Where the clocks change: a start or end that the day skips is the moment of the change; of one that comes twice the
// quiet hours take the first as start and the second as end.
std::optional<UtcTime> quiet_until(UtcTime at, const QuietHours& hours, std::string_view zone);

}  // namespace carillon::orchestrator
