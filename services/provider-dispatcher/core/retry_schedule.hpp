// When a message whose whole round failed is tried again: e-mail 30 s, 2 min, 10 min; SMS twice after 1 min; Slack like
// e-mail. With ±10 % jitter so that messages that failed together don't come back together.
#pragma once
#include <chrono>
#include <optional>

#include "events/events.hpp"

namespace carillon::dispatcher {

inline constexpr double retry_jitter = 0.1;
inline constexpr std::chrono::minutes retry_after_max{15};  // a provider's Retry-After above it is cut

// The pause after `round` (1 is the first) failed; nullopt when no round is left. `jitter` in [-1, 1].
// A provider's Retry-After is honoured: the longer of the two counts.
std::optional<std::chrono::microseconds> retry_pause(events::Channel channel, int round, double jitter,
                                                     std::optional<std::chrono::seconds> retry_after);

}  // namespace carillon::dispatcher
