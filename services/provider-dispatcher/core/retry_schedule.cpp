#include "provider-dispatcher/core/retry_schedule.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace carillon::dispatcher {

namespace {
constexpr std::array<std::chrono::seconds, 3> email_pauses{std::chrono::seconds{30}, std::chrono::minutes{2},
                                                           std::chrono::minutes{10}};
constexpr std::array<std::chrono::seconds, 2> sms_pauses{std::chrono::minutes{1}, std::chrono::minutes{1}};

std::span<const std::chrono::seconds> pauses_of(events::Channel channel) {
  if (channel == events::Channel::SMS) return sms_pauses;
  return email_pauses;
}
}  // namespace

std::optional<std::chrono::microseconds> retry_pause(events::Channel channel, int round, double jitter,
                                                     std::optional<std::chrono::seconds> retry_after) {
  const auto pauses = pauses_of(channel);
  if (round < 1 || static_cast<std::size_t>(round) > pauses.size()) return std::nullopt;
  const std::chrono::microseconds base = pauses[static_cast<std::size_t>(round) - 1];
  const double factor = 1.0 + retry_jitter * std::clamp(jitter, -1.0, 1.0);
  const std::chrono::microseconds pause{std::llround(static_cast<double>(base.count()) * factor)};
  if (!retry_after) return pause;
  return std::max<std::chrono::microseconds>(pause, std::min<std::chrono::seconds>(*retry_after, retry_after_max));
}

}  // namespace carillon::dispatcher
