// The page /billing as HTML: what a client pays for and the forms that lead to Stripe.
#pragma once
#include <optional>
#include <string>

#include "billing-ingest/core/subscription.hpp"
#include "billing-ingest/settings.hpp"
#include "http/message.hpp"
#include "pages/page.hpp"

namespace carillon::billing {

struct BillingView {
  std::optional<Subscription> subscription{};  // the one that counts
  std::string payment_link{};
  std::optional<pages::Flash> flash{};
  int status = 200;
};

http::Response billing_page(const service::Platform& platform, const BillingSettings& settings,
                            const pages::Visitor& visitor, const BillingView& view);

}  // namespace carillon::billing
