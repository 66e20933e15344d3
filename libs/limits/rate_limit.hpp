// "3/30m": how many in how long. Pure.
#pragma once
#include <chrono>
#include <string_view>

#include "values/result.hpp"

namespace carillon {

inline constexpr int rate_count_max = 1'000'000;
inline constexpr std::chrono::seconds rate_window_max = std::chrono::hours{24};

struct RateLimit {
  int count = 0;  // 0: no limit
  std::chrono::seconds window{1};
};

// "<count>/<number><s|m|h>", or "0" for no limit; the window is at most a day. Failure INVALID_RATE.
Result<RateLimit> parse_rate_limit(std::string_view text);

}  // namespace carillon
