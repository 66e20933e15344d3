#include "orchestrator/app/throttle_figures.hpp"

#include <algorithm>

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {

ThrottleFigures::ThrottleFigures(metrics::Registry& metrics, const OutboundLimits& limits) : limits_(limits) {
  const auto of = [&](events::Channel channel) -> OfChannel {
    const metrics::Labels labels{{"channel", events::enum_name(channel)}};
    return {channel, metrics.gauge("carillon_throttled_messages", "Messages that wait for the throttle", labels),
            metrics.gauge("carillon_throttled_oldest_seconds",
                          "How long the message that waits longest for the throttle has waited", labels),
            metrics.gauge("carillon_outbound_limit_messages",
                          "Messages in any 60 s over all instances, as it is in force; 0: no limit", labels)};
  };
  channels_ = {of(events::Channel::EMAIL), of(events::Channel::SMS)};
}

void ThrottleFigures::count(pg::Connection& connection, UtcTime now) {
  const auto rows = connection.run(orchestrator_sql::count_deferred, pg::Params().add(now));
  for (const OfChannel& of : channels_) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& candidate) {
      return candidate[0].template as<std::string>() == events::enum_name(of.channel);
    });
    of.waiting.set(row == rows.end() ? 0 : static_cast<double>((*row)[1].as<std::int64_t>()));
    of.oldest_seconds.set(row == rows.end() ? 0 : std::max(0.0, (*row)[2].as<double>()));
    of.limit.set(static_cast<double>(limits_.of(of.channel)));
  }
}

}  // namespace carillon::orchestrator
