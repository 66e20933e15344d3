// Whether a code is sent. Pure.
#pragma once
#include <algorithm>
#include <optional>
#include <string_view>

#include "limits/sliding_count.hpp"
#include "otp/core/recipient_state.hpp"

namespace carillon::otp {

enum class SendVerdict {
  SEND,
  COUNTRY_NOT_ALLOWED,
  LOCKED_OUT,
  RECIPIENT_LIMIT,
  RESEND_COOLDOWN,
  IP_LIMIT,
  PREFIX_LIMIT,
  COUNTRY_LIMIT
};

// What was counted so far for the caller's address, the number's prefix and its country, moved on to now; nullptr: not
// limited.
struct SendCounts {
  const SlidingCount* ip = nullptr;
  const SlidingCount* prefix = nullptr;
  const SlidingCount* country = nullptr;
};

// Sends within the window; `state` after forget_past.
inline std::size_t sends_in_window(const RecipientState& state, const Rules& rules, UtcTime now) {
  return static_cast<std::size_t>(std::count_if(state.sends.begin(), state.sends.end(),
                                                [&](UtcTime sent) { return sent + rules.sends.window > now; }));
}

inline bool country_allowed(std::string_view recipient, const Rules& rules) {
  if (recipient.empty() || recipient.front() != '+' || rules.allowed_countries.empty()) return true;
  return std::any_of(rules.allowed_countries.begin(), rules.allowed_countries.end(),
                     [&](const std::string& beginning) { return recipient.starts_with(beginning); });
}

inline bool exhausted(const SlidingCount* count, const RateLimit& limit, UtcTime now) {
  return count && limit.count > 0 && used(*count, limit.window, now) >= limit.count;
}

// `state` after forget_past.
inline SendVerdict decide_send(const RecipientState& state, std::string_view recipient, SendCounts counts,
                               const Rules& rules, UtcTime now) {
  if (!country_allowed(recipient, rules)) return SendVerdict::COUNTRY_NOT_ALLOWED;
  if (state.locked_until) return SendVerdict::LOCKED_OUT;
  if (rules.sends.count > 0 && sends_in_window(state, rules, now) >= static_cast<std::size_t>(rules.sends.count))
    return SendVerdict::RECIPIENT_LIMIT;
  if (std::any_of(state.sends.begin(), state.sends.end(),
                  [&](UtcTime sent) { return now < sent + rules.resend_cooldown; }))
    return SendVerdict::RESEND_COOLDOWN;
  if (exhausted(counts.ip, rules.sends_per_ip, now)) return SendVerdict::IP_LIMIT;
  if (exhausted(counts.prefix, rules.sends_per_prefix, now)) return SendVerdict::PREFIX_LIMIT;
  if (exhausted(counts.country, rules.sends_per_country, now)) return SendVerdict::COUNTRY_LIMIT;
  return SendVerdict::SEND;
}

// Notes a code that is being sent: it replaces the one before it, and leaves the failures as they are
// (NIST SP 800-63B-4, 3.2.2: a limit on consecutive failures that the claimant can't reset).
inline void start_challenge(RecipientState& state, Challenge challenge) {
  state.sends.push_back(challenge.issued_at);
  std::erase_if(state.challenges, [&](const Challenge& each) { return each.action == challenge.action; });
  state.challenges.push_back(std::move(challenge));
}

}  // namespace carillon::otp
