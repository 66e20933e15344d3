// What a billing event changes about a client. Pure.
#pragma once
#include <string_view>

#include "events/events.hpp"
#include "provisioning/core/client.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

enum class BillingEffect {
  APPLIED,
  OLDER,  // its version is not above the last one applied: nothing changes
};

struct BilledClient {
  BillingEffect effect = BillingEffect::APPLIED;
  Client client;            // as it is after the event
  bool starts_job = false;  // it is paid and not provisioned yet
};

// Failure INVALID_FIELD: the event lacks what every one has, or holds what no client can.
std::optional<Failure> wrong_with(const events::BillingEvent& event);

// A paid checkout sets payment_active; only the end of the subscription that counts clears it. Which one of several
// counts, billing-ingest has decided before it gave the event its version.
// What Stripe knows of address and name fills what is not known yet, and replaces nothing.
BilledClient billed(const Client& client, const events::BillingEvent& event);

}  // namespace carillon::provisioning
