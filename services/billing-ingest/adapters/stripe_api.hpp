// The two calls we make to Stripe: a checkout session and a session of its customer portal. Forms as Stripe wants them,
// with an idempotency key, so that a call whose answer was lost is made again without a second session. Thread-safe;
// blocks up to stripe_call_timeout for each of stripe_calls_max calls, and for answers that Stripe has kept, which come
// at once; so not on an I/O thread. Of what Stripe says is
// wrong only names are logged, and nothing is told: its sentences may hold an address or a part of the key.
#pragma once
#include <chrono>
#include <semaphore>
#include <string>

#include "billing-ingest/settings.hpp"
#include "http/client.hpp"
#include "values/result.hpp"

namespace carillon::billing {

inline constexpr const char* stripe_version = "2025-03-31.basil";
inline constexpr std::chrono::seconds stripe_call_timeout{8};
inline constexpr int stripe_calls_max = 2;  // the second with the same idempotency key
// Stripe keeps the answer to a key for a day, its own failures too (docs.stripe.com/api/idempotent_requests). So many
// keys follow one another for one order: who finds a kept failure under one takes the next.
inline constexpr int stripe_keys_max = 5;
// So many orders at once in a process: while Stripe hangs, HTTP workers are left for everybody else.
inline constexpr int stripe_orders_at_once_max = 2;

struct CheckoutOrder {
  std::string client_id, plan, price;
  std::string customer_id, email;  // of a customer whom Stripe knows; else the address to fill in, "" = none
  std::string success_url, cancel_url;
};

class StripeApi {
 public:
  StripeApi(http::Client& client, const BillingSettings& settings) : client_(client), settings_(settings) {}

  // Where the client pays. `idempotency_key` is for this very order. Failures: STRIPE_UNREACHABLE (perhaps later),
  // STRIPE_REFUSED (settings are wrong; the log says which), STRIPE_BUSY (429, 5xx, or too many of ours at once).
  Result<std::string> make_checkout_session(const CheckoutOrder& order, const std::string& idempotency_key);
  Result<std::string> make_portal_session(const std::string& customer_id, const std::string& return_url,
                                          const std::string& idempotency_key);

 private:
  Result<std::string> url_of_new(const std::string& path, const http::Fields& form, const std::string& idempotency_key);
  http::Answer call(const std::string& path, const http::Fields& form, const std::string& idempotency_key);

  http::Client& client_;
  const BillingSettings& settings_;
  std::counting_semaphore<stripe_orders_at_once_max> free_{stripe_orders_at_once_max};
};

}  // namespace carillon::billing
