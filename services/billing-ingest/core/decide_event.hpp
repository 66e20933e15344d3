// What follows from one Stripe event: the subscription's new state, and which mail is due. Stripe promises no order:
// the state is what all events come to in the order they were made, and mails follow what happened, not how it came.
// Pure.
#pragma once
#include <optional>
#include <string>

#include "billing-ingest/core/plan_prices.hpp"
#include "billing-ingest/core/stripe_event.hpp"
#include "billing-ingest/core/subscription.hpp"

namespace carillon::billing {

enum class Verdict {
  APPLIED,
  STALE,    // it tells of what is over, and changes nothing
  IGNORED,  // of a kind that nothing follows from
  REFUSED   // it belongs to nobody we know, or to somebody else than it says
};
const char* name(Verdict verdict);

// Reasons of REFUSED.
inline constexpr const char* unknown_customer = "UNKNOWN_CUSTOMER";  // a checkout may still tell whose it is
inline constexpr const char* unknown_client = "UNKNOWN_CLIENT";
inline constexpr const char* other_client = "CLIENT_MISMATCH";
inline constexpr const char* no_subscription = "NO_SUBSCRIPTION";
inline constexpr const char* test_event = "TEST_MODE";

// Money that an admin has to look after, though the event was decided.
inline constexpr const char* second_subscription = "SECOND_SUBSCRIPTION";  // the client pays twice
inline constexpr const char* client_gone = "CLIENT_GONE";                  // a client that was removed still pays

enum class Mail { NONE, PAYMENT_FAILED, SUBSCRIPTION_CONFIRMED, SUBSCRIPTION_CANCELED };

struct Decision {
  Verdict verdict{};
  std::string reason;
  std::optional<Subscription> changed;  // of APPLIED: what is to be stored
  bool checkout_paid = false;           // the client's first payment of this subscription
  Mail mail = Mail::NONE;
  std::string period;  // of SUBSCRIPTION_CONFIRMED: the period's name, "first" or when it ends
  std::string alarm;   // one of the codes above, CLIENT_MISMATCH of what is paid, or ""
};

// Whom an event is about, as far as is known without it.
struct Known {
  const Subscription* subscription = nullptr;  // the one that it names
  std::string client_of_customer;              // whose the customer is by other subscriptions; "" = nobody's
  bool named_client_exists = false;
  bool named_client_pays_as_another = false;  // it has a live subscription of another customer
  bool owner_exists = true;                   // the client that it belongs to by what is known
  bool owner_pays_already = false;            // by another subscription
  bool is_live = false;                       // this is no test installation
};

// Whose the event is, if it is accepted; "" = nobody's.
inline std::string owner_id(const StripeEvent& event, const Known& known) {
  if (known.subscription != nullptr) return known.subscription->client_id;
  return known.client_of_customer.empty() ? event.named_client : known.client_of_customer;
}

Decision decide_event(const StripeEvent& event, const Known& known, const PlanPrices& prices);

}  // namespace carillon::billing
