// When an event whose handling failed is tried again, and when no more. Pure.
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>

namespace carillon::billing {

inline constexpr std::chrono::seconds retry_pause_first{1};
inline constexpr int retry_pause_factor = 4;
inline constexpr std::chrono::seconds retry_pause_max{3'600};

// After the `attempts`-th failure: 1 s, 4 s, 16 s ... 1 h. nullopt: it was the last try.
inline std::optional<std::chrono::seconds> retry_pause(int attempts, int attempts_max) {
  if (attempts >= attempts_max) return std::nullopt;
  std::chrono::seconds pause = retry_pause_first;
  for (int i = 1; i < attempts && pause < retry_pause_max; ++i) pause *= retry_pause_factor;
  return std::min(pause, retry_pause_max);
}

}  // namespace carillon::billing
