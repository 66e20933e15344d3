// How often somebody may try to log in or ask for a reset. Pure.
#pragma once
#include <algorithm>
#include <chrono>
#include <optional>

#include "limits/rate_limit.hpp"
#include "limits/sliding_count.hpp"

namespace carillon::provisioning {

// Guessing at an account is limited twice: tightly from each network address, so that a stranger's failures keep nobody
// else out, and widely over all of them together, against guesses from many addresses.
struct LoginLimits {
  RateLimit logins_per_account{10, std::chrono::minutes{15}};  // from one network address
  RateLimit logins_per_account_total{100, std::chrono::minutes{15}};
  RateLimit logins_per_ip{100, std::chrono::minutes{15}};  // over all accounts
  RateLimit resets_per_account{3, std::chrono::hours{1}};
  RateLimit resets_per_ip{30, std::chrono::hours{1}};
};

// Of a count that holds this try already: nullopt, or how long until the same try would be within the limit, when this
// one is taken back and no other comes.
inline std::optional<std::chrono::seconds> wait_after(const SlidingCount& count, const RateLimit& limit, UtcTime now) {
  if (limit.count == 0 || used(count, limit.window, now) <= limit.count) return std::nullopt;
  const std::chrono::milliseconds whole = limit.window;
  // How much of the window before may still be in sight for its `tries` to weigh `room` at most.
  const auto sight = [&](std::int64_t tries, std::int64_t room) {
    return tries <= room ? whole : whole * room / tries;
  };
  const std::int64_t room = limit.count - count.current;
  const UtcTime free = room >= 0 ? count.began + whole - sight(count.previous, room)
                                 : count.began + 2 * whole - sight(count.current - 1, limit.count - 1);
  return std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(free - now));
}

}  // namespace carillon::provisioning
