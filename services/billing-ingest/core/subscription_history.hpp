// What events have told of a subscription, in the order in which they were made, and what that comes to. Stripe
// promises no order of arrival: a late event takes its place among those that are known, and all after it are gone
// through again. So status, plan and period are the same in whatever order events come. Pure.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "billing-ingest/core/plan_prices.hpp"
#include "billing-ingest/core/stripe_event.hpp"
#include "time/utc_time.hpp"

namespace carillon::billing {

// The newest ones of a subscription, more than two years of its months; those before them are settled.
inline constexpr std::size_t tellings_max = 60;

// What of a subscription its events tell.
struct SubscriptionFacts {
  std::string customer_id;
  std::string status;  // as Stripe names it; "" = not told yet
  std::string plan;    // "" = not known
  std::string email, name;
  std::optional<UtcTime> period_end;
  // The newest event that has had its say: when it was made, and its rank within that second.
  UtcTime told_at{};
  int told_rank = 0;
  bool operator==(const SubscriptionFacts&) const = default;
};

// One event, as far as the facts go by it.
struct Telling {
  std::string event_id;
  EventKind kind = EventKind::OTHER;
  UtcTime at{};
  std::string customer_id, status, plan, email, name;
  std::string previous_status, previous_plan;  // "" = unchanged, or not told
  std::optional<UtcTime> period_end;
  bool first_period = false, paid = false, trial = false;
  bool operator==(const Telling&) const = default;
};

struct SubscriptionHistory {
  SubscriptionFacts settled;  // what came before all of `told`
  std::vector<Telling> told;  // in order
  bool operator==(const SubscriptionHistory&) const = default;

  // Where an event comes to stand: behind all others, among them (or in one second with the newest), or nowhere: it was
  // told before, or what is as old as it is settled, and it fills gaps only.
  enum class Place { NEWEST, EARLIER, TOO_LATE };
  Place add(Telling telling);
  SubscriptionFacts facts() const;
};

Telling telling_of(const StripeEvent& event, const PlanPrices& prices);

// One line of text, and back; nullopt when it is none of ours.
std::string to_text(const SubscriptionHistory& history);
std::optional<SubscriptionHistory> read_history(const std::string& text);

}  // namespace carillon::billing
