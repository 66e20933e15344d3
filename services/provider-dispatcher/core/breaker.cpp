#include "provider-dispatcher/core/breaker.hpp"

#include "provider-dispatcher/core/outcome_names.hpp"

namespace carillon::dispatcher {

const char* to_string(BreakerState state) {
  switch (state) {
    case BreakerState::CLOSED:
      return "CLOSED";
    case BreakerState::OPEN:
      return "OPEN";
    case BreakerState::HALF_OPEN:
      return "HALF_OPEN";
  }
  return "CLOSED";
}

std::optional<BreakerState> breaker_state_from(std::string_view text) {
  if (text == "CLOSED") return BreakerState::CLOSED;
  if (text == "OPEN") return BreakerState::OPEN;
  if (text == "HALF_OPEN") return BreakerState::HALF_OPEN;
  return std::nullopt;
}

Gate gate_of(const Breaker& breaker, UtcTime now) {
  switch (breaker.state) {
    case BreakerState::CLOSED:
      return Gate::PASS;
    case BreakerState::OPEN:
      return !breaker.opened_at || now >= *breaker.opened_at + breaker_open_time ? Gate::TRIAL_DUE : Gate::SHUT;
    case BreakerState::HALF_OPEN:
      return breaker.trial_until && now < *breaker.trial_until ? Gate::TRIAL_RUNNING : Gate::TRIAL_DUE;
  }
  return Gate::SHUT;
}

bool counts_against_provider(const Outcome& outcome) {
  if (outcome.reason == Reason::PROCESS_DIED || outcome.reason == Reason::NO_PROVIDER) return false;
  return outcome.kind == OutcomeKind::TRANSIENT || outcome.kind == OutcomeKind::ACCOUNT ||
         outcome.kind == OutcomeKind::UNCONFIRMED;
}

namespace {

std::string error_text(const Outcome& outcome) {
  std::string text = reason_name(outcome.reason);
  if (!outcome.provider_code.empty()) text += " " + outcome.provider_code;
  if (!outcome.detail.empty()) text += ": " + outcome.detail;
  return text;
}

void open(Breaker& breaker, UtcTime now) {
  breaker.state = BreakerState::OPEN;
  breaker.opened_at = now;
  breaker.successes = 0;
  breaker.trial_until.reset();
  breaker.trial_by = 0;
}

void record_trial_success(Breaker& breaker) {
  abandon_trial(breaker);
  if (++breaker.successes < breaker_successes_to_close) return;
  breaker.state = BreakerState::CLOSED;
  breaker.consecutive_failures = 0;
  breaker.successes = 0;
  breaker.opened_at.reset();
}

}  // namespace

void record_outcome(Breaker& breaker, const Outcome& outcome, bool trial, UtcTime now) {
  if (breaker.state != BreakerState::CLOSED && !(trial && breaker.state == BreakerState::HALF_OPEN)) return;
  if (outcome.recipient_only) {
    if (trial) abandon_trial(breaker);
    return;
  }
  if (!counts_against_provider(outcome)) {
    if (breaker.state == BreakerState::HALF_OPEN) return record_trial_success(breaker);
    breaker.consecutive_failures = 0;
    return;
  }
  ++breaker.consecutive_failures;
  breaker.last_error = error_text(outcome);
  if (breaker.state == BreakerState::HALF_OPEN || breaker.consecutive_failures >= breaker_failures_to_open) {
    open(breaker, now);
  }
}

bool grant_trial(Breaker& breaker, std::int64_t instance, UtcTime now) {
  if (gate_of(breaker, now) != Gate::TRIAL_DUE) return false;
  breaker.state = BreakerState::HALF_OPEN;
  breaker.trial_until = now + breaker_trial_time_max;
  breaker.trial_by = instance;
  return true;
}

void abandon_trial(Breaker& breaker) {
  breaker.trial_until.reset();
  breaker.trial_by = 0;
}

}  // namespace carillon::dispatcher
