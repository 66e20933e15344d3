// How many of the codes sent to a country are used. Someone who is paid for text messages asks for many and enters
// none. Pure.
#pragma once
#include <chrono>
#include <cstdint>

namespace carillon::otp {

inline constexpr std::chrono::minutes conversion_window{60};
// The newest codes may still be under way to a person and are not counted as unused.
inline constexpr std::chrono::minutes conversion_patience{5};

struct Conversion {
  std::int64_t sent = 0;      // in the window before the patience began
  std::int64_t verified = 0;  // in the window and the patience
};

struct ConversionRule {
  std::int64_t percent_min = 30;  // 0: no alarm
  std::int64_t sends_min = 50;    // fewer say nothing
};

enum class AlarmChange { NONE, RAISE, CLEAR };

inline AlarmChange alarm_change(const Conversion& seen, bool raised, const ConversionRule& rule) {
  const bool low = seen.sent >= rule.sends_min && seen.verified * 100 < seen.sent * rule.percent_min;
  if (low == raised) return AlarmChange::NONE;
  return low ? AlarmChange::RAISE : AlarmChange::CLEAR;
}

}  // namespace carillon::otp
