// What becomes of a message after one call: the table of the delivery rules. Pure.
//
//   ACCEPTED                          → SENT
//   REJECTED                          → FAILED with its reason; no other provider is asked
//   UNCONFIRMED, policy not RESEND    → HELD: nobody knows, an administrator or a receipt decides
//   TRANSIENT, ACCOUNT, UNCONFIRMED under RESEND
//     another provider of the round   → FAILOVER, at once
//     another round                   → RETRY from the chain's head, after the pause
//     neither                         → FAILED (ROUNDS_EXHAUSTED); HELD when the last call stayed UNCONFIRMED
//   not ACCEPTED, and a receipt tells that the message got through with this call or one before it → TOLD
#pragma once
#include <span>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "provider-dispatcher/core/chain.hpp"
#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher {

// Where a message stands when the outcome of its call arrives.
struct Standing {
  events::Channel channel{};
  events::UnconfirmedPolicy policy{};
  int round = 1;
  std::span<const std::string> tried;  // in this round, the provider just called included
  bool extra_call = false;             // an earlier call has stayed UNCONFIRMED
};

enum class Step {
  SENT,
  FAILED,
  EXPIRED,
  FAILOVER,
  RETRY,
  HELD,
  TOLD  // a receipt tells that a call got through: the receipt watch ends the message as SENT
};

struct NextStep {
  Step step = Step::FAILED;
  std::string provider;          // FAILOVER, RETRY: aimed at; else empty
  UtcTime due_at{};              // FAILOVER, RETRY
  int round = 1;                 // FAILOVER: as it was; RETRY: the next one
  bool extra_call = false;       // what follows, or the final state, comes after an UNCONFIRMED call
  Reason reason = Reason::NONE;  // of FAILED and HELD
  bool final() const { return step == Step::SENT || step == Step::FAILED || step == Step::EXPIRED; }
};

// `jitter` in [-1, 1].
NextStep next_step(const Standing& standing, const Outcome& outcome, std::span<const Link> chain, UtcTime now,
                   double jitter);

}  // namespace carillon::dispatcher
