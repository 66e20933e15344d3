// How many messages wait for the throttle, since when, and which limit holds them. All instances read the same queue,
// so each shows the same figures. One thread.
#pragma once
#include <array>
#include <chrono>

#include "orchestrator/app/outbound_limits.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

// The count reads the whole queue.
inline constexpr std::chrono::seconds throttle_count_interval{5};

class ThrottleFigures {
 public:
  ThrottleFigures(metrics::Registry& metrics, const OutboundLimits& limits);
  void count(pg::Connection& connection, UtcTime now);  // throws the pg:: errors

 private:
  struct OfChannel {
    events::Channel channel;
    metrics::Gauge waiting, oldest_seconds, limit;
  };
  const OutboundLimits& limits_;
  std::array<OfChannel, 2> channels_;
};

}  // namespace carillon::orchestrator
