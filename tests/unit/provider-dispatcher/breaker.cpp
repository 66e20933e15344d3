#include "provider-dispatcher/core/breaker.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::dispatcher;
using namespace std::chrono_literals;

namespace {

const UtcTime start = from_unix_micros(1'790'000'000'000'000);

Outcome outcome(OutcomeKind kind, Reason reason = Reason::NONE) {
  Outcome result;
  result.kind = kind;
  result.reason = reason;
  return result;
}

Breaker opened_at(UtcTime now) {
  Breaker breaker;
  for (int i = 0; i < breaker_failures_to_open; ++i) {
    record_outcome(breaker, outcome(OutcomeKind::TRANSIENT, Reason::TIMEOUT), false, now);
  }
  return breaker;
}

}  // namespace

TEST_CASE("breaker: five failures in a row open it, four do not") {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) record_outcome(breaker, outcome(OutcomeKind::TRANSIENT), false, start);
  CHECK(breaker.state == BreakerState::CLOSED);
  CHECK(gate_of(breaker, start) == Gate::PASS);
  CHECK_FALSE(breaker.clean());
  record_outcome(breaker, outcome(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION), false, start);
  CHECK(breaker.state == BreakerState::OPEN);
  CHECK(breaker.opened_at == start);
  CHECK(gate_of(breaker, start) == Gate::SHUT);
}

TEST_CASE("breaker: TRANSIENT, ACCOUNT and UNCONFIRMED count; ACCEPTED and REJECTED end the row of failures") {
  for (const OutcomeKind kind : {OutcomeKind::TRANSIENT, OutcomeKind::ACCOUNT, OutcomeKind::UNCONFIRMED}) {
    CHECK(counts_against_provider(outcome(kind)));
  }
  for (const OutcomeKind kind : {OutcomeKind::ACCEPTED, OutcomeKind::REJECTED}) {
    CHECK_FALSE(counts_against_provider(outcome(kind)));
    Breaker breaker;
    for (int i = 0; i < 20; ++i) {
      record_outcome(breaker, outcome(i % 5 == 4 ? kind : OutcomeKind::TRANSIENT), false, start);
    }
    CHECK(breaker.state == BreakerState::CLOSED);
    CHECK(breaker.consecutive_failures == 0);
  }
}

TEST_CASE("breaker: a claim of a process that died and a missing provider say nothing about the provider") {
  CHECK_FALSE(counts_against_provider(outcome(OutcomeKind::UNCONFIRMED, Reason::PROCESS_DIED)));
  CHECK_FALSE(counts_against_provider(outcome(OutcomeKind::TRANSIENT, Reason::NO_PROVIDER)));
}

TEST_CASE("breaker: a trial is due 60 s after it opened and not a microsecond earlier") {
  const Breaker breaker = opened_at(start);
  CHECK(gate_of(breaker, start + 60s - 1us) == Gate::SHUT);
  CHECK(gate_of(breaker, start + 60s) == Gate::TRIAL_DUE);
}

TEST_CASE("breaker: only one trial is granted at a time, and a lost one ends after its time") {
  Breaker breaker = opened_at(start);
  CHECK_FALSE(grant_trial(breaker, 7, start + 59s));
  REQUIRE(grant_trial(breaker, 7, start + 60s));
  CHECK(breaker.state == BreakerState::HALF_OPEN);
  CHECK(breaker.trial_by == 7);
  CHECK(gate_of(breaker, start + 60s) == Gate::TRIAL_RUNNING);
  CHECK_FALSE(grant_trial(breaker, 8, start + 61s));
  CHECK(gate_of(breaker, start + 60s + breaker_trial_time_max) == Gate::TRIAL_DUE);
  CHECK(grant_trial(breaker, 8, start + 60s + breaker_trial_time_max));
}

TEST_CASE("breaker: two successful trials close it") {
  Breaker breaker = opened_at(start);
  REQUIRE(grant_trial(breaker, 7, start + 60s));
  record_outcome(breaker, outcome(OutcomeKind::ACCEPTED), true, start + 61s);
  CHECK(breaker.state == BreakerState::HALF_OPEN);
  CHECK(gate_of(breaker, start + 61s) == Gate::TRIAL_DUE);
  REQUIRE(grant_trial(breaker, 7, start + 61s));
  record_outcome(breaker, outcome(OutcomeKind::REJECTED), true, start + 62s);
  CHECK(breaker.state == BreakerState::CLOSED);
  CHECK(breaker.clean());
  CHECK_FALSE(breaker.opened_at.has_value());
}

TEST_CASE("breaker: a failed trial opens it for another 60 s") {
  Breaker breaker = opened_at(start);
  REQUIRE(grant_trial(breaker, 7, start + 60s));
  record_outcome(breaker, outcome(OutcomeKind::ACCEPTED), true, start + 60s);
  REQUIRE(grant_trial(breaker, 7, start + 60s));
  record_outcome(breaker, outcome(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER), true, start + 70s);
  CHECK(breaker.state == BreakerState::OPEN);
  CHECK(breaker.successes == 0);
  CHECK(gate_of(breaker, start + 129s) == Gate::SHUT);
  CHECK(gate_of(breaker, start + 130s) == Gate::TRIAL_DUE);
}

TEST_CASE("breaker: answers of calls from before it opened change nothing") {
  Breaker breaker = opened_at(start);
  const Breaker open = breaker;
  record_outcome(breaker, outcome(OutcomeKind::ACCEPTED), false, start + 1s);
  record_outcome(breaker, outcome(OutcomeKind::TRANSIENT), false, start + 2s);
  CHECK(breaker == open);
  REQUIRE(grant_trial(breaker, 7, start + 60s));
  const Breaker on_trial = breaker;
  record_outcome(breaker, outcome(OutcomeKind::ACCEPTED), false, start + 61s);
  CHECK(breaker == on_trial);
}

TEST_CASE("breaker: a trial that was never called can be granted again") {
  Breaker breaker = opened_at(start);
  REQUIRE(grant_trial(breaker, 7, start + 60s));
  abandon_trial(breaker);
  CHECK(gate_of(breaker, start + 60s) == Gate::TRIAL_DUE);
}

TEST_CASE("breaker: state names are read back as they are written") {
  for (const BreakerState state : {BreakerState::CLOSED, BreakerState::OPEN, BreakerState::HALF_OPEN}) {
    CHECK(breaker_state_from(to_string(state)) == state);
  }
  CHECK_FALSE(breaker_state_from("AJAR").has_value());
}

TEST_CASE("breaker: a failure of one recipient only neither opens nor closes it, and ends its trial undecided") {
  Outcome limited = outcome(OutcomeKind::TRANSIENT, Reason::RATE_LIMITED);
  limited.recipient_only = true;
  Breaker breaker;
  for (int i = 0; i < 4; ++i) record_outcome(breaker, outcome(OutcomeKind::TRANSIENT), false, start);
  for (int i = 0; i < 20; ++i) record_outcome(breaker, limited, false, start);
  CHECK(breaker.state == BreakerState::CLOSED);
  CHECK(breaker.consecutive_failures == 4);

  breaker = opened_at(start);
  const UtcTime later = start + breaker_open_time;
  REQUIRE(grant_trial(breaker, 1, later));
  record_outcome(breaker, limited, true, later);
  CHECK(breaker.state == BreakerState::HALF_OPEN);
  CHECK(breaker.successes == 0);
  CHECK(gate_of(breaker, later) == Gate::TRIAL_DUE);
}
