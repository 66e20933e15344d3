#include "billing-ingest/core/subscription_history.hpp"

#include <algorithm>
#include <tuple>

#include "billing-ingest/core/subscription.hpp"

namespace carillon::billing {
namespace {

std::tuple<UtcTime, int> moment_of(const Telling& telling) {
  return {telling.at, rank_of(telling.kind)};
}

bool is_before(const Telling& a, const Telling& b) {
  return std::tuple(moment_of(a), a.event_id) < std::tuple(moment_of(b), b.event_id);
}

bool is_invoice(EventKind kind) {
  return kind == EventKind::INVOICE_PAID || kind == EventKind::INVOICE_FAILED;
}

// Whoever pays an invoice of a period that is over still owes the one that follows it.
bool pays_what_is_due(const Telling& invoice, const SubscriptionFacts& of) {
  const bool owes = of.status == "past_due" || of.status == "unpaid";
  return !owes || !invoice.period_end || !of.period_end || *invoice.period_end >= *of.period_end;
}

std::string next_status(const Telling& telling, const SubscriptionFacts& before) {
  const std::string& now = before.status;
  switch (telling.kind) {
    case EventKind::CHECKOUT:
      if (!telling.paid) return now.empty() ? "incomplete" : now;
      if (telling.trial) return now.empty() || now == "incomplete" ? "trialing" : now;
      return now.empty() || now == "incomplete" ? "active" : now;
    case EventKind::INVOICE_PAID:
      if (standing(now) == standing("active") || now == "paused") return now;
      return pays_what_is_due(telling, before) ? "active" : now;
    case EventKind::INVOICE_FAILED:
      if (telling.first_period) return now.empty() ? "incomplete" : now;
      return now.empty() || standing(now) == standing("active") ? "past_due" : now;
    case EventKind::SUBSCRIPTION_DELETED:
      return "canceled";
    default:
      return telling.status;
  }
}

void take_over(std::string& into, const std::string& from, bool replaces) {
  if (!from.empty() && (replaces || into.empty())) into = from;
}

void take_over_texts(const Telling& telling, SubscriptionFacts& facts, bool replaces) {
  take_over(facts.customer_id, telling.customer_id, replaces);
  take_over(facts.email, telling.email, replaces);
  take_over(facts.name, telling.name, replaces);
  // An invoice bills what was used, which need not be the plan that follows.
  take_over(facts.plan, telling.plan, replaces && !is_invoice(telling.kind));
}

void apply(const Telling& telling, SubscriptionFacts& facts) {
  const bool is_over = has_ended(facts.status) && telling.kind != EventKind::SUBSCRIPTION_DELETED;
  take_over_texts(telling, facts, !is_over);
  if (is_over) return;
  facts.status = next_status(telling, facts);
  const bool tells_period = !is_invoice(telling.kind) && telling.kind != EventKind::CHECKOUT;
  if (telling.period_end && (tells_period || !facts.period_end || *telling.period_end > *facts.period_end))
    facts.period_end = telling.period_end;
  facts.told_at = telling.at;
  facts.told_rank = rank_of(telling.kind);
}

// Whether it says that what it has changed was as the facts are.
bool follows(const Telling& telling, const SubscriptionFacts& facts) {
  if (telling.previous_status.empty() && telling.previous_plan.empty()) return false;
  return (telling.previous_status.empty() || telling.previous_status == facts.status) &&
         (telling.previous_plan.empty() || telling.previous_plan == facts.plan);
}

}  // namespace

SubscriptionHistory::Place SubscriptionHistory::add(Telling telling) {
  const auto is_it = [&](const Telling& each) { return each.event_id == telling.event_id; };
  if (std::any_of(told.begin(), told.end(), is_it)) return Place::TOO_LATE;
  if (moment_of(telling) <= std::tuple(settled.told_at, settled.told_rank)) {
    take_over_texts(telling, settled, false);
    if (telling.kind == EventKind::SUBSCRIPTION_DELETED) settled.status = "canceled";  // an end holds, however late
    return Place::TOO_LATE;
  }
  const bool is_newest = told.empty() || moment_of(telling) > moment_of(told.back());
  told.insert(std::upper_bound(told.begin(), told.end(), telling, is_before), std::move(telling));
  if (told.size() > tellings_max) {
    // Of one second all or none is settled: they are put in order together.
    const auto kept = std::find_if(told.begin(), told.end(),
                                   [&](const Telling& each) { return moment_of(each) != moment_of(told.front()); });
    SubscriptionHistory first{std::move(settled), {told.begin(), kept}};
    settled = first.facts();
    told.erase(told.begin(), kept);
  }
  return is_newest ? Place::NEWEST : Place::EARLIER;
}

SubscriptionFacts SubscriptionHistory::facts() const {
  SubscriptionFacts facts = settled;
  for (auto from = told.begin(); from != told.end();) {
    const auto to =
        std::find_if(from, told.end(), [&](const Telling& each) { return moment_of(each) != moment_of(*from); });
    // Of changes within one second each follows the one whose outcome it says was before.
    std::vector<const Telling*> left;
    for (; from != to; ++from) left.push_back(&*from);
    while (!left.empty()) {
      auto next = std::find_if(left.begin(), left.end(), [&](const Telling* each) { return follows(*each, facts); });
      if (next == left.end()) next = left.begin();
      apply(**next, facts);
      left.erase(next);
    }
  }
  return facts;
}

Telling telling_of(const StripeEvent& event, const PlanPrices& prices) {
  Telling telling;
  telling.event_id = event.head.id;
  telling.kind = event.kind;
  telling.at = event.head.created;
  telling.customer_id = event.customer_id;
  telling.status = event.status;
  telling.plan = plan_of(event.prices, event.metadata_plan, prices);
  telling.email = event.email;
  telling.name = event.name;
  telling.previous_status = event.previous_status;
  telling.previous_plan = plan_of(event.previous_prices, {}, prices);
  telling.period_end = event.period_end;
  telling.first_period = event.first_period;
  telling.paid = event.paid;
  telling.trial = event.trial;
  return telling;
}

}  // namespace carillon::billing
