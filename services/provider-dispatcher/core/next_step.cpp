#include "provider-dispatcher/core/next_step.hpp"

#include "provider-dispatcher/core/retry_schedule.hpp"

namespace carillon::dispatcher {

namespace {

NextStep go_on(const Standing& standing, const Outcome& outcome, std::span<const Link> chain, UtcTime now,
               double jitter) {
  const bool unconfirmed = outcome.kind == OutcomeKind::UNCONFIRMED;
  NextStep next;
  next.extra_call = standing.extra_call || unconfirmed;
  next.round = standing.round;
  if (const auto other = choose_provider(chain, standing.tried)) {
    next.step = Step::FAILOVER;
    next.provider = chain[*other].provider;
    next.due_at = now;
    return next;
  }
  if (const auto pause = retry_pause(standing.channel, standing.round, jitter, outcome.retry_after)) {
    next.step = Step::RETRY;
    next.provider = head_of(chain);
    next.due_at = now + *pause;
    next.round = standing.round + 1;
    return next;
  }
  next.step = unconfirmed ? Step::HELD : Step::FAILED;
  next.reason = unconfirmed ? outcome.reason : Reason::ROUNDS_EXHAUSTED;
  return next;
}

}  // namespace

NextStep next_step(const Standing& standing, const Outcome& outcome, std::span<const Link> chain, UtcTime now,
                   double jitter) {
  NextStep next;
  next.round = standing.round;
  next.extra_call = standing.extra_call;
  switch (outcome.kind) {
    case OutcomeKind::ACCEPTED:
      next.step = Step::SENT;
      return next;
    case OutcomeKind::REJECTED:
      next.step = Step::FAILED;
      next.reason = outcome.reason;
      return next;
    case OutcomeKind::UNCONFIRMED:
      if (standing.policy == events::UnconfirmedPolicy::RESEND) break;
      next.step = Step::HELD;
      next.reason = outcome.reason;
      return next;
    case OutcomeKind::TRANSIENT:
    case OutcomeKind::ACCOUNT:
      break;
  }
  return go_on(standing, outcome, chain, now, jitter);
}

}  // namespace carillon::dispatcher
