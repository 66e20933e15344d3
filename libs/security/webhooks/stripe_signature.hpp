// The header Stripe-Signature: "t=1700000000,v1=<64 hex digits>[,v1=…][,v0=…]", where v1 is the HMAC-SHA-256 of
// "<t>.<raw body>" under the endpoint's secret. Source: docs.stripe.com/webhooks/signature. Pure, thread-safe.
#pragma once
#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "security/webhooks/verdict.hpp"
#include "time/utc_time.hpp"

namespace carillon::security::webhooks {

inline constexpr std::chrono::seconds stripe_tolerance{300};      // the default of Stripe's libraries
inline constexpr std::size_t stripe_header_bytes_max = 4 * 1024;  // some sixty signatures; Stripe sends one per secret

// VALID when one of the v1 signatures was made with one of the secrets (several while a secret is rolled), compared in
// constant time, and t is within the tolerance of `now`, both ways. Other schemes are ignored: v0 exists only for test
// events and would be a downgrade. The time is judged after the signature: TOO_OLD means that Stripe did send it.
[[nodiscard]] Verdict verify_stripe(std::string_view header, std::string_view body,
                                    std::span<const std::string> secrets, UtcTime now,
                                    std::chrono::seconds tolerance = stripe_tolerance);

// The header Stripe would send at `time`, with one v1 per secret.
std::string sign_stripe(std::string_view body, std::span<const std::string> secrets, UtcTime time);

}  // namespace carillon::security::webhooks
