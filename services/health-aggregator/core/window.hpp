// Windows of whole UTC minutes and their buckets. Pure.
#pragma once
#include <cstdint>

#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::health {

inline constexpr int summary_window_minutes_max = 1'440;
inline constexpr int series_window_minutes_max = 10'080;
inline constexpr int series_bucket_minutes_max = 1'440;
inline constexpr int series_points_max = 1'000;

// [from, to): both at full minutes.
struct Window {
  UtcTime from;
  UtcTime to;
  bool operator==(const Window&) const = default;
};

// The whole UTC hours of a window; without one it is empty, at the window's end.
Window whole_hours(const Window& window);

// The last `minutes` whole minutes, the current one (not over yet) included.
Window minutes_window(UtcTime now, int minutes);

// Buckets start at multiples of bucket_minutes since 1970 (so a 15-minute one at :00, :15, ...). The last holds `now`;
// there are as many as cover window_minutes.
struct Buckets {
  Window window;
  int bucket_minutes;
  std::int64_t first;  // number of the first bucket since 1970
  int count;
  UtcTime start_of(int index) const;
  bool operator==(const Buckets&) const = default;
};

// Failure INVALID_FIELD when the bucket is wider than the window or there would be too many points.
Result<Buckets> buckets(UtcTime now, int window_minutes, int bucket_minutes);

}  // namespace carillon::health
