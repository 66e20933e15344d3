// What /billing shows a client: one of its four states. Pure.
#pragma once
#include "billing-ingest/core/subscription.hpp"

namespace carillon::billing {

enum class BillingState {
  NOT_CONFIGURED,  // nobody can pay here
  NO_PLAN,         // no subscription, or one that has ended or was never paid
  ACTIVE,
  PAST_DUE  // a payment is missing: past due, unpaid or paused
};

inline BillingState billing_state(bool is_configured, const Subscription* effective) {
  const int stands = effective == nullptr ? 0 : standing(effective->status);
  if (stands >= standing("active")) return BillingState::ACTIVE;
  if (stands >= standing("unpaid")) return BillingState::PAST_DUE;
  return is_configured ? BillingState::NO_PLAN : BillingState::NOT_CONFIGURED;
}

}  // namespace carillon::billing
