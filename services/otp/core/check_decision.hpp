// Whether a code is right. Pure.
#pragma once
#include "otp/core/recipient_state.hpp"

namespace carillon::otp {

enum class CheckVerdict { RIGHT, WRONG, LOCKED_OUT, NO_CODE, EXPIRED, IP_LIMIT };

// Clocks of instances differ a little; a code from further ahead than this was made before the clock was set back, and
// might otherwise live longer than its time.
inline constexpr std::chrono::seconds clock_difference_max{5};

struct Check {
  CheckVerdict verdict;
  bool locks = false;  // this wrong code began a lockout
};

inline bool is_live(const Challenge& challenge, UtcTime now) {
  return challenge.issued_at - clock_difference_max <= now && now < challenge.expires_at;
}

inline void drop_challenge(RecipientState& state, Action action) {
  std::erase_if(state.challenges, [&](const Challenge& each) { return each.action == action; });
}

// `state` after forget_past; `matches`: the code is the challenge's. Spends the attempt or the code in `state`, which
// has to be stored before anybody learns the answer.
inline Check check_code(RecipientState& state, Action action, bool matches, bool ip_exhausted, const Rules& rules,
                        UtcTime now) {
  if (state.locked_until) return {CheckVerdict::LOCKED_OUT};
  if (ip_exhausted) return {CheckVerdict::IP_LIMIT};
  const Challenge* challenge = find_challenge(state, action);
  if (!challenge) return {CheckVerdict::NO_CODE};
  if (!is_live(*challenge, now)) {
    drop_challenge(state, action);
    return {CheckVerdict::EXPIRED};
  }
  if (matches) {
    drop_challenge(state, action);
    state.failures = 0;
    return {CheckVerdict::RIGHT};
  }
  if (++state.failures < rules.attempts_max) return {CheckVerdict::WRONG};
  state.locked_until = now + rules.lockout;
  state.challenges.clear();  // or guessing would go on after a short lockout
  return {CheckVerdict::WRONG, true};
}

}  // namespace carillon::otp
