// Stripe's objects and events as JSON, in the form of API version 2025-03-31. Pure.
#pragma once
#include <string>

#include "sandbox/core/json_text.hpp"
#include "sandbox/core/stripe_account.hpp"

namespace carillon::sandbox {

inline constexpr const char* stripe_api_version = "2025-03-31.basil";

// What a price costs here, in cents: 1900, 4900 or 9900 where its id says solo, portfolio or pro.
std::int64_t stripe_price_cents(std::string_view price);

// The members of an object, into one that was begun.
void write_checkout(JsonText& json, const StripeCheckout& of, const StripeCustomer* customer, const std::string& site);
void write_subscription(JsonText& json, const StripeSubscription& of);

struct StripeInvoice {
  std::string id, billing_reason;
  bool paid = true;
  std::int64_t next_attempt = 0;  // seconds since 1970; 0 = none
};
void write_invoice(JsonText& json, const StripeInvoice& invoice, const StripeSubscription& of,
                   const StripeCustomer& customer);

// "{...}" around what `write` writes.
template <class Write>
std::string stripe_object(Write write) {
  JsonText json;
  json.begin();
  write(json);
  json.end();
  return json.written();
}

// An event about `object`, which is JSON. `previous_status` "" = nothing has changed.
StripeTold stripe_event(const std::string& id, const std::string& type, std::int64_t created, const std::string& object,
                        const std::string& previous_status = {});

}  // namespace carillon::sandbox
