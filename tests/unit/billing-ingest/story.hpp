// A subscription's life in a test: events of one client, told one after the other.
#pragma once
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "billing-ingest/core/decide_event.hpp"
#include "unit/billing-ingest/stripe_events.hpp"

namespace carillon::billing::testing {

inline constexpr long t = 1'800'000'000;
inline const PlanPrices prices{{{"price_pro", "PRO"}, {"price_solo", "SOLO"}}};

inline StripeEvent read(const std::string& text) {
  auto event = read_event(text);
  REQUIRE(event);
  return *event;
}
inline StripeEvent checkout(long at = t, const std::string& client = "acme") {
  return read(event("evt_checkout", "checkout.session.completed", at, checkout_fields(client)));
}
inline StripeEvent changed(const std::string& status, long at, const std::string& previous = "",
                           const std::string& client = "acme") {
  return read(event("evt_" + status + std::to_string(at), "customer.subscription.updated", at,
                    subscription_fields(status, client), previous));
}
// To another plan, by its price.
inline StripeEvent moved_to(const std::string& price, const std::string& from_price, long at,
                            const std::string& status = "active") {
  auto fields = subscription_fields(status, "acme");
  fields["items"] = R"({"data":[{"current_period_end":1802600000,"price":{"id":")" + price + R"("}}]})";
  const std::string now = event("evt_to_" + price + std::to_string(at), "customer.subscription.updated", at, fields);
  const std::string before =
      R"(,"previous_attributes":{"items":{"data":[{"price":{"id":")" + from_price + R"("}}]}}}})";
  return read(now.substr(0, now.size() - 2) + before);
}
inline StripeEvent deleted(long at) {
  return read(event("evt_deleted", "customer.subscription.deleted", at, subscription_fields("canceled", "acme")));
}
inline StripeEvent paid(long at, const std::string& reason = "subscription_create", long period_end = 1802600000) {
  return read(
      event("evt_paid" + std::to_string(period_end) + reason, "invoice.paid", at, invoice_fields(reason, period_end)));
}
inline StripeEvent failed(long at, const std::string& reason = "subscription_cycle") {
  return read(event("evt_failed", "invoice.payment_failed", at, invoice_fields(reason)));
}

// Decides one event after the other and keeps what they come to.
struct Story {
  std::optional<Subscription> state{};
  std::map<Mail, int> mails{};
  std::vector<std::string> periods{};
  int checkouts_paid = 0;
  Decision last{};

  const Decision& tell(const StripeEvent& event) {
    Known known;
    known.subscription = state ? &*state : nullptr;
    known.named_client_exists = event.named_client == "acme";
    last = decide_event(event, known, prices);
    if (last.changed) state = last.changed;
    if (last.mail != Mail::NONE) ++mails[last.mail];
    if (last.mail == Mail::SUBSCRIPTION_CONFIRMED) periods.push_back(last.period);
    checkouts_paid += last.checkout_paid;
    return last;
  }
};

}  // namespace carillon::billing::testing
