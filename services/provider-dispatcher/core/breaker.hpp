// Circuit breaker of one provider: 5 failures in a row open it, after 60 s one trial at a time is let through, 2 trials
// that succeed close it. Pure: state and `now` in, state out. Shared over instances by the table provider_health.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "provider-dispatcher/core/outcome.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher {

inline constexpr int breaker_failures_to_open = 5;
inline constexpr int breaker_successes_to_close = 2;
inline constexpr std::chrono::seconds breaker_open_time{60};
// Longer than any call may take; a trial whose process died is granted again after it.
inline constexpr std::chrono::seconds breaker_trial_time_max{15};

enum class BreakerState { CLOSED, OPEN, HALF_OPEN };
const char* to_string(BreakerState state);
std::optional<BreakerState> breaker_state_from(std::string_view text);

struct Breaker {
  BreakerState state = BreakerState::CLOSED;
  int consecutive_failures = 0;
  int successes = 0;  // of trials, since it opened
  std::optional<UtcTime> opened_at;
  std::optional<UtcTime> trial_until;  // a trial runs, at most until then
  std::int64_t trial_by = 0;           // the instance that runs it
  std::string last_error;
  std::int64_t version = 0;  // grows by one with every change that is stored
  bool clean() const { return state == BreakerState::CLOSED && consecutive_failures == 0; }
  bool operator==(const Breaker&) const = default;
};

enum class Gate {
  PASS,           // closed: call
  TRIAL_DUE,      // one call may be tried, by who is granted the trial
  TRIAL_RUNNING,  // wait for the trial's answer
  SHUT            // nobody calls
};
Gate gate_of(const Breaker& breaker, UtcTime now);

// TRANSIENT, ACCOUNT and UNCONFIRMED count against the provider; a REJECTED message is an answer of a working provider,
// and a claim left by a process that died says nothing about it.
bool counts_against_provider(const Outcome& outcome);

// Takes the outcome of one call into account. While the breaker is not closed only the trial's own outcome matters:
// calls that began before it opened tell nothing new.
void record_outcome(Breaker& breaker, const Outcome& outcome, bool trial, UtcTime now);
// False when no trial is due.
bool grant_trial(Breaker& breaker, std::int64_t instance, UtcTime now);
// The trial's call was never made.
void abandon_trial(Breaker& breaker);

}  // namespace carillon::dispatcher
