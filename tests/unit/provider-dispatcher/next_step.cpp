#include "provider-dispatcher/core/next_step.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::dispatcher;
using events::Channel;
using events::UnconfirmedPolicy;
using namespace std::chrono_literals;

namespace {

const UtcTime now = from_unix_micros(1'790'000'000'000'000);
const std::vector<Link> two{{"postmark", true}, {"smtp", true}};
const std::vector<std::string> first_tried{"postmark"};
const std::vector<std::string> all_tried{"postmark", "smtp"};

Outcome outcome(OutcomeKind kind, Reason reason) {
  Outcome result;
  result.kind = kind;
  result.reason = reason;
  return result;
}

NextStep step(OutcomeKind kind, Reason reason, UnconfirmedPolicy policy, int round,
              const std::vector<std::string>& tried, Channel channel = Channel::EMAIL) {
  return next_step({channel, policy, round, tried, false}, outcome(kind, reason), two, now, 0);
}

constexpr UnconfirmedPolicy policies[] = {UnconfirmedPolicy::POLICY_UNSPECIFIED, UnconfirmedPolicy::HOLD,
                                          UnconfirmedPolicy::RESEND};

}  // namespace

TEST_CASE("next step: ACCEPTED is SENT in every round, at every provider, under every policy") {
  for (const auto policy : policies) {
    for (int round = 1; round <= 4; ++round) {
      CHECK(step(OutcomeKind::ACCEPTED, Reason::NONE, policy, round, first_tried).step == Step::SENT);
      CHECK(step(OutcomeKind::ACCEPTED, Reason::NONE, policy, round, all_tried).step == Step::SENT);
    }
  }
}

TEST_CASE("next step: REJECTED is FAILED at once with its own reason, though providers and rounds are left") {
  for (const auto policy : policies) {
    const auto next = step(OutcomeKind::REJECTED, Reason::RECIPIENT_REJECTED, policy, 1, first_tried);
    CHECK(next.step == Step::FAILED);
    CHECK(next.reason == Reason::RECIPIENT_REJECTED);
    CHECK(next.final());
  }
}

TEST_CASE("next step: TRANSIENT and ACCOUNT fail over at once while the round has another provider") {
  for (const OutcomeKind kind : {OutcomeKind::TRANSIENT, OutcomeKind::ACCOUNT}) {
    for (int round = 1; round <= 4; ++round) {
      const auto next = step(kind, Reason::PROVIDER_ERROR, UnconfirmedPolicy::HOLD, round, first_tried);
      CHECK(next.step == Step::FAILOVER);
      CHECK(next.provider == "smtp");
      CHECK(next.due_at == now);
      CHECK(next.round == round);
      CHECK_FALSE(next.extra_call);
    }
  }
}

TEST_CASE("next step: a round that failed everywhere comes back at the chain's head after its pause") {
  const std::chrono::seconds pauses[] = {30s, 2min, 10min};
  for (int round = 1; round <= 3; ++round) {
    const auto next = step(OutcomeKind::TRANSIENT, Reason::TIMEOUT, UnconfirmedPolicy::HOLD, round, all_tried);
    CHECK(next.step == Step::RETRY);
    CHECK(next.provider == "postmark");
    CHECK(next.round == round + 1);
    CHECK(next.due_at == now + pauses[round - 1]);
  }
}

TEST_CASE("next step: after the last round the message has FAILED with ROUNDS_EXHAUSTED") {
  const auto email = step(OutcomeKind::TRANSIENT, Reason::TIMEOUT, UnconfirmedPolicy::HOLD, 4, all_tried);
  CHECK(email.step == Step::FAILED);
  CHECK(email.reason == Reason::ROUNDS_EXHAUSTED);
  const auto sms =
      step(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION, UnconfirmedPolicy::RESEND, 3, all_tried, Channel::SMS);
  CHECK(sms.step == Step::FAILED);
  CHECK(
      step(OutcomeKind::ACCOUNT, Reason::AUTHENTICATION, UnconfirmedPolicy::RESEND, 2, all_tried, Channel::SMS).step ==
      Step::RETRY);
}

TEST_CASE("next step: UNCONFIRMED is HELD unless the policy says RESEND, wherever it happens") {
  for (const auto policy : {UnconfirmedPolicy::HOLD, UnconfirmedPolicy::POLICY_UNSPECIFIED}) {
    for (int round = 1; round <= 4; ++round) {
      for (const auto* tried : {&first_tried, &all_tried}) {
        const auto next = step(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER, policy, round, *tried);
        CHECK(next.step == Step::HELD);
        CHECK(next.reason == Reason::NO_ANSWER);
      }
    }
  }
}

TEST_CASE("next step: UNCONFIRMED under RESEND goes on, and what follows is marked as an extra call") {
  const auto other = step(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER, UnconfirmedPolicy::RESEND, 1, first_tried);
  CHECK(other.step == Step::FAILOVER);
  CHECK(other.extra_call);
  const auto later = step(OutcomeKind::UNCONFIRMED, Reason::PROCESS_DIED, UnconfirmedPolicy::RESEND, 1, all_tried);
  CHECK(later.step == Step::RETRY);
  CHECK(later.extra_call);
}

TEST_CASE("next step: UNCONFIRMED under RESEND with no round left is HELD, for FAILED would be a guess") {
  const auto next = step(OutcomeKind::UNCONFIRMED, Reason::NO_ANSWER, UnconfirmedPolicy::RESEND, 4, all_tried);
  CHECK(next.step == Step::HELD);
}

TEST_CASE("next step: the mark of an extra call stays to the end") {
  const Standing standing{Channel::EMAIL, UnconfirmedPolicy::RESEND, 1, first_tried, true};
  for (const OutcomeKind kind : {OutcomeKind::ACCEPTED, OutcomeKind::REJECTED, OutcomeKind::TRANSIENT}) {
    CHECK(next_step(standing, outcome(kind, Reason::NONE), two, now, 0).extra_call);
  }
}

TEST_CASE("next step: an open breaker is passed over, and when all others are open the round is over") {
  const std::vector<Link> three{{"postmark", true}, {"ses", true, Gate::SHUT}, {"smtp", true}};
  const Standing standing{Channel::EMAIL, UnconfirmedPolicy::HOLD, 1, first_tried, false};
  CHECK(next_step(standing, outcome(OutcomeKind::TRANSIENT, Reason::TIMEOUT), three, now, 0).provider == "smtp");
  const std::vector<Link> shut{{"postmark", true}, {"smtp", true, Gate::SHUT}};
  CHECK(next_step(standing, outcome(OutcomeKind::TRANSIENT, Reason::TIMEOUT), shut, now, 0).step == Step::RETRY);
}

TEST_CASE("next step: a Retry-After longer than the pause moves the next round") {
  Outcome limited = outcome(OutcomeKind::TRANSIENT, Reason::RATE_LIMITED);
  limited.retry_after = 5min;
  const auto next = next_step({Channel::EMAIL, UnconfirmedPolicy::HOLD, 1, all_tried, false}, limited, two, now, 0);
  CHECK(next.due_at == now + 5min);
}
