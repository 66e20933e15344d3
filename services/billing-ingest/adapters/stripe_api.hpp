// The two calls we make to Stripe: a checkout session and a session of its customer portal. Forms as Stripe wants them,
// with an idempotency key, so that a call whose answer was lost is made again without a second session. Thread-safe;
// blocks up to stripe_call_timeout for each of stripe_calls_max calls, so not on an I/O thread.
#pragma once
#include <chrono>
#include <string>

#include "billing-ingest/settings.hpp"
#include "http/client.hpp"
#include "values/result.hpp"

namespace carillon::billing {

inline constexpr const char* stripe_version = "2025-03-31.basil";
inline constexpr std::chrono::seconds stripe_call_timeout{8};
inline constexpr int stripe_calls_max = 2;  // the second with the same idempotency key

struct CheckoutOrder {
  std::string client_id, plan, price;
  std::string customer_id, email;  // of a customer whom Stripe knows; else the address to fill in, "" = none
  std::string success_url, cancel_url;
};

class StripeApi {
 public:
  StripeApi(http::Client& client, const BillingSettings& settings) : client_(client), settings_(settings) {}

  // Where the client pays. `idempotency_key` is for this very order. Failures: STRIPE_UNREACHABLE (perhaps later),
  // STRIPE_REFUSED (settings are wrong; the detail says what Stripe says), STRIPE_BUSY (429, 5xx).
  Result<std::string> make_checkout_session(const CheckoutOrder& order, const std::string& idempotency_key);
  Result<std::string> make_portal_session(const std::string& customer_id, const std::string& return_url,
                                          const std::string& idempotency_key);

 private:
  Result<std::string> url_of_new(const std::string& path, const http::Fields& form, const std::string& idempotency_key);

  http::Client& client_;
  const BillingSettings& settings_;
};

}  // namespace carillon::billing
