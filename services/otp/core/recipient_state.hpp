// What is known about one recipient, and how time changes it. Pure.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "otp/core/action.hpp"
#include "otp/core/rules.hpp"
#include "time/utc_time.hpp"

namespace carillon::otp {

struct Challenge {
  std::string id;
  Action action{};
  std::string code_mac;  // core/code.hpp; the code itself is never kept
  UtcTime issued_at{};
  UtcTime expires_at{};
};

struct RecipientState {
  std::int64_t version = 0;    // of the stored row; 0: there is none
  std::vector<UtcTime> sends;  // those that still count
  int failures = 0;            // wrong codes since the last right one or the end of a lockout
  std::optional<UtcTime> locked_until;
  std::vector<Challenge> challenges;  // one an action
};

inline const Challenge* find_challenge(const RecipientState& state, Action action) {
  for (const Challenge& each : state.challenges)
    if (each.action == action) return &each;
  return nullptr;
}

// Forgets what is over at `now`: sends that neither the window nor the cooldown counts, a lockout that has ended and
// the failures behind it. Sends and lockouts of the future (a clock that was set back) keep counting.
inline void forget_past(RecipientState& state, const Rules& rules, UtcTime now) {
  const std::chrono::seconds counts_for = std::max(rules.sends.window, rules.resend_cooldown);
  std::erase_if(state.sends, [&](UtcTime sent) { return sent + counts_for <= now; });
  if (state.locked_until && *state.locked_until <= now) {
    state.locked_until.reset();
    state.failures = 0;
  }
}

}  // namespace carillon::otp
