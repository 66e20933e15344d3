// Settings of billing-ingest.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "billing-ingest/core/plan_prices.hpp"
#include "service/settings.hpp"

namespace carillon::billing {

inline constexpr std::size_t webhook_secrets_max = 2;
inline constexpr const char* stripe_url = "https://api.stripe.com";

struct BillingSettings {
  std::vector<std::string> webhook_secrets;  // none: webhooks are answered 503
  std::string secret_key;                    // "": checkout and portal answer configured:false
  std::string base_url = stripe_url;
  std::string payment_link_url;
  std::string public_url;  // the platform's; without a slash at its end, "" = mails carry no link to /billing
  PlanPrices prices;
  int attempts_max = 8;
  std::chrono::days retention{90};
  std::chrono::days dead_retention{730};  // of DEAD events
  std::size_t queue_max = 10'000;
  std::chrono::milliseconds poll_interval{500};  // how late an event of another instance, or a retry, may be

  bool is_configured() const { return !secret_key.empty(); }
  bool is_test_mode() const { return secret_key.find("_test_") != std::string::npos; }
  static BillingSettings read(service::Settings& settings);
};

}  // namespace carillon::billing
