// How often somebody may try to log in or ask for a reset. Pure.
#pragma once
#include <chrono>
#include <optional>

#include "limits/rate_limit.hpp"
#include "limits/sliding_count.hpp"

namespace carillon::provisioning {

struct LoginLimits {
  RateLimit logins_per_account{10, std::chrono::minutes{15}};
  RateLimit logins_per_ip{100, std::chrono::minutes{15}};
  RateLimit resets_per_account{3, std::chrono::hours{1}};
  RateLimit resets_per_ip{30, std::chrono::hours{1}};
};

// Of a count that holds this try already: nullopt, or how long to wait until a try counts less (the end of the running
// window at the latest).
inline std::optional<std::chrono::seconds> wait_after(const SlidingCount& count, const RateLimit& limit, UtcTime now) {
  if (limit.count == 0 || used(count, limit.window, now) <= limit.count) return std::nullopt;
  const auto left = count.began + limit.window - now;
  return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(left));
}

}  // namespace carillon::provisioning
