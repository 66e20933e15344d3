#include "health-aggregator/core/spike.hpp"

#include <algorithm>

namespace carillon::health {

SpikeLevel spike_level_named(std::string_view text) {
  const auto found = std::find(spike_level_names.begin(), spike_level_names.end(), text);
  return found == spike_level_names.end() ? SpikeLevel::NONE
                                          : static_cast<SpikeLevel>(found - spike_level_names.begin());
}

SpikeLevel spike_level(std::int64_t sent, std::int64_t failed, const SpikeRule& rule) {
  const auto reached = [&](const SpikeThreshold& threshold) {
    return failed >= threshold.failures_min && failed * 100 >= (sent + failed) * threshold.percent_min;
  };
  if (reached(rule.crit)) return SpikeLevel::CRIT;
  return reached(rule.warn) ? SpikeLevel::WARN : SpikeLevel::NONE;
}

SpikeStep spike_step(SpikeLevel now, SpikeLevel told) {
  if (now > told) return SpikeStep::TELL;
  return now == SpikeLevel::NONE && told != SpikeLevel::NONE ? SpikeStep::CLEAR : SpikeStep::NOTHING;
}

}  // namespace carillon::health
