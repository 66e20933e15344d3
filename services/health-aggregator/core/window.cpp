#include "health-aggregator/core/window.hpp"

#include <string>

namespace carillon::health {

using std::chrono::minutes;

Window minutes_window(UtcTime now, int window_minutes) {
  const UtcTime current = floor_minute(now);
  return {current - minutes{window_minutes - 1}, current + minutes{1}};
}

Window whole_hours(const Window& window) {
  const UtcTime from = std::chrono::ceil<std::chrono::hours>(window.from);
  const UtcTime to = std::chrono::floor<std::chrono::hours>(window.to);
  return from < to ? Window{from, to} : Window{window.to, window.to};
}

UtcTime Buckets::start_of(int index) const {
  return window.from + minutes{index * bucket_minutes};
}

Result<Buckets> buckets(UtcTime now, int window_minutes, int bucket_minutes) {
  if (bucket_minutes > window_minutes) {
    return Failure{"INVALID_FIELD", "bucket_minutes: must not be more than window_minutes"};
  }
  const int count = (window_minutes + bucket_minutes - 1) / bucket_minutes;
  if (count > series_points_max) {
    return Failure{"INVALID_FIELD", "bucket_minutes: the window would have " + std::to_string(count) +
                                        " points, at most " + std::to_string(series_points_max) +
                                        " are given; use wider buckets"};
  }
  const std::int64_t minute = std::chrono::floor<minutes>(now.time_since_epoch()).count();
  const std::int64_t last = minute / bucket_minutes;
  const std::int64_t first = last - (count - 1);
  const UtcTime from{minutes{first * bucket_minutes}};
  return Buckets{{from, from + minutes{std::int64_t{count} * bucket_minutes}}, bucket_minutes, first, count};
}

}  // namespace carillon::health
