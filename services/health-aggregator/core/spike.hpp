// Whether so many messages fail that people have to be told. Pure.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace carillon::health {

inline constexpr int spike_window_minutes = 15;

enum class SpikeLevel { NONE, WARN, CRIT };

inline constexpr std::array<std::string_view, 3> spike_level_names{"NONE", "WARN", "CRIT"};
inline std::string_view name(SpikeLevel level) {
  return spike_level_names[static_cast<std::size_t>(level)];
}
// NONE for what is no level's name.
SpikeLevel spike_level_named(std::string_view text);

// Both must be reached.
struct SpikeThreshold {
  std::int64_t failures_min;
  std::int64_t percent_min;  // failed / (sent + failed)
};

struct SpikeRule {
  SpikeThreshold warn{10, 10};
  SpikeThreshold crit{50, 25};
};

SpikeLevel spike_level(std::int64_t sent, std::int64_t failed, const SpikeRule& rule);

// What follows for whoever has been told of the level `told` since it last cleared: each level is told once, a lower
// one after a higher one not at all; below WARN it has cleared and begins anew.
enum class SpikeStep { NOTHING, TELL, CLEAR };
SpikeStep spike_step(SpikeLevel now, SpikeLevel told);

}  // namespace carillon::health
