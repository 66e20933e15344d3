// A client's way to Stripe: a checkout for a plan, the portal for a subscription. Every try is audited, whatever comes
// of it. Thread-safe; blocks on the database and on Stripe.
#pragma once
#include <optional>
#include <string>

#include "billing-ingest/adapters/stripe_api.hpp"
#include "billing-ingest/app/client_directory.hpp"
#include "billing-ingest/core/subscription.hpp"
#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::billing {

// Who asks. The client is the session's, never one that a request names.
struct Asker {
  std::string actor;  // "account:<id>"
  std::string client_id, email;
  bool is_owner = false;
  std::string traceparent;
};

// What it came to. A refusal says why by a stable code.
struct Opened {
  std::string url;                   // where to go on; "" = nowhere
  std::vector<std::string> missing;  // settings without which there is no way to Stripe
  std::optional<Failure> refused;
};

class OpenBilling {
 public:
  OpenBilling(pg::Pool& pool, bus::Bus& bus, StripeApi& stripe, const ClientDirectory& clients, const Clock& clock,
              const BillingSettings& settings)
      : pool_(pool), bus_(bus), stripe_(stripe), clients_(clients), clock_(clock), settings_(settings) {}

  // Refusals: FORBIDDEN (not an OWNER), INVALID_PLAN, SUBSCRIPTION_EXISTS (the portal changes it), and StripeApi's.
  // `site` is our own address, where Stripe sends the client back to.
  Opened checkout(const Asker& asker, const std::string& plan, const std::string& site);
  // Refusals: FORBIDDEN, NO_SUBSCRIPTION, and StripeApi's.
  Opened portal(const Asker& asker, const std::string& site);
  // The client's subscription that counts; nullopt where it has none.
  std::optional<Subscription> subscription_of(const std::string& client_id);
  // PAYMENT_LINK_URL with the client's id; "" where it is not set.
  std::string payment_link(const std::string& client_id) const;
  // Somebody was not let in.
  void note_refused(const Asker& asker, const std::string& what, const std::string& code);

 private:
  Opened open_checkout(const Asker& asker, const std::string& plan, const std::string& site);
  Opened open_portal(const Asker& asker, const std::string& site);
  void audit(const Asker& asker, const std::string& what, const Opened& opened, const std::string& plan);

  pg::Pool& pool_;
  bus::Bus& bus_;
  StripeApi& stripe_;
  const ClientDirectory& clients_;
  const Clock& clock_;
  const BillingSettings& settings_;
};

}  // namespace carillon::billing
