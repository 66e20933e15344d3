// What we know of one Stripe subscription, and which of a client's subscriptions counts. Pure.
#pragma once
#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing-ingest/core/subscription_history.hpp"
#include "time/utc_time.hpp"

namespace carillon::billing {

inline constexpr std::size_t confirmed_periods_max = 60;  // the newest ones; five years of months

// The facts are what its history comes to.
struct Subscription : SubscriptionFacts {
  std::string subscription_id, client_id;
  SubscriptionHistory history;
  bool checkout_paid = false;
  bool first_period_open = false;      // confirmed by the checkout, which does not name the period
  std::vector<std::string> confirmed;  // periods that SUBSCRIPTION_CONFIRMED was asked for, by name
  UtcTime began_at{};                  // when the first event about it was made
  bool operator==(const Subscription&) const = default;

  bool is_confirmed(std::string_view period) const {
    return std::find(confirmed.begin(), confirmed.end(), period) != confirmed.end();
  }
  void confirm(std::string period) {
    if (is_confirmed(period)) return;
    confirmed.push_back(std::move(period));
    if (confirmed.size() > confirmed_periods_max) confirmed.erase(confirmed.begin());
  }
};

// A subscription that has ended never comes back; the client makes a new one.
inline bool has_ended(std::string_view status) {
  return status == "canceled" || status == "incomplete_expired";
}

// The more of it a client can use, the higher.
inline int standing(std::string_view status) {
  if (status == "active" || status == "trialing") return 4;
  if (status == "past_due") return 3;
  if (status == "unpaid" || status == "paused") return 2;
  return has_ended(status) ? 0 : 1;
}

// The one by which a client is judged: the best, of several the newest. nullptr for none.
inline const Subscription* effective(std::span<const Subscription> of_client) {
  const auto better = [](const Subscription& a, const Subscription& b) {
    const int of_a = standing(a.status), of_b = standing(b.status);
    if (of_a != of_b) return of_a < of_b;
    return a.began_at != b.began_at ? a.began_at < b.began_at : a.subscription_id < b.subscription_id;
  };
  const auto best = std::max_element(of_client.begin(), of_client.end(), better);
  return best == of_client.end() ? nullptr : &*best;
}

}  // namespace carillon::billing
