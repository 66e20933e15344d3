#include "billing-ingest/core/decide_event.hpp"

namespace carillon::billing {
namespace {

constexpr const char* first_period_name = "first";

Decision refused(const char* reason) {
  return {Verdict::REFUSED, reason, {}, false, Mail::NONE, {}, {}};
}
Decision ignored(const char* reason) {
  return {Verdict::IGNORED, reason, {}, false, Mail::NONE, {}, {}};
}

// Whose it is, or why that can't be said.
struct Owner {
  std::string client_id;
  const char* refusal = nullptr;
};

Owner owner_of(const StripeEvent& event, const Known& known) {
  const std::string& linked = known.subscription ? known.subscription->client_id : known.client_of_customer;
  if (!linked.empty()) {
    if (!event.named_client.empty() && event.named_client != linked) return {{}, other_client};
    return {linked, nullptr};
  }
  if (event.named_client.empty()) return {{}, unknown_customer};
  if (!known.named_client_exists) return {{}, unknown_client};
  // A stranger who pays with somebody's reference must not get hold of what that client has.
  if (event.bare_reference && known.named_client_pays_as_another) return {{}, other_client};
  return {event.named_client, nullptr};
}

// SUBSCRIPTION_CONFIRMED comes once for each period, whether the checkout or the invoice tells of it first. The
// checkout does not say which period it pays: that is the first one, and the invoice that begins it gives its end.
std::string period_to_confirm(const StripeEvent& event, Subscription& of) {
  const std::string end =
      event.period_end
          ? std::to_string(std::chrono::floor<std::chrono::seconds>(*event.period_end).time_since_epoch().count())
          : std::string{};
  if (event.kind == EventKind::CHECKOUT) {
    if (!of.confirmed.empty()) return {};
    of.confirm(first_period_name);
    of.first_period_open = true;
    return first_period_name;
  }
  const bool is_first = !event.renewal && (event.first_period || of.first_period_open || of.confirmed.empty());
  const bool known = is_first ? of.is_confirmed(first_period_name) : !end.empty() && of.is_confirmed(end);
  if (is_first) {
    of.confirm(first_period_name);
    of.first_period_open = false;
  }
  const std::string period = is_first ? first_period_name : end.empty() ? event.head.id : end;
  if (!end.empty()) of.confirm(end);
  return known ? std::string{} : period;
}

void add_mail(const StripeEvent& event, const Subscription& before, Subscription& after, Decision& decision) {
  switch (event.kind) {
    case EventKind::CHECKOUT:
    case EventKind::INVOICE_PAID:
      if (has_ended(after.status) || (event.kind == EventKind::CHECKOUT && !event.paid)) return;
      decision.period = period_to_confirm(event, after);
      if (!decision.period.empty()) decision.mail = Mail::SUBSCRIPTION_CONFIRMED;
      return;
    case EventKind::INVOICE_FAILED:
      // One that is already known to be paid, or of what has ended, troubles nobody any more.
      if (standing(after.status) > 0 && standing(after.status) < standing("active"))
        decision.mail = Mail::PAYMENT_FAILED;
      return;
    case EventKind::SUBSCRIPTION_DELETED:
      if (before.told_rank != rank_of(EventKind::SUBSCRIPTION_DELETED)) decision.mail = Mail::SUBSCRIPTION_CANCELED;
      return;
    default:
      return;
  }
}

}  // namespace

const char* name(Verdict verdict) {
  switch (verdict) {
    case Verdict::APPLIED:
      return "APPLIED";
    case Verdict::STALE:
      return "STALE";
    case Verdict::IGNORED:
      return "IGNORED";
    default:
      return "REFUSED";
  }
}

Decision decide_event(const StripeEvent& event, const Known& known, const PlanPrices& prices) {
  if (event.kind == EventKind::OTHER) return ignored("UNUSED_TYPE");
  if (event.is_test && known.is_live) return refused(test_event);  // nobody has paid
  if (!event.wants_subscription) return ignored("NOT_A_SUBSCRIPTION");
  if (event.subscription_id.empty())
    return event.kind == EventKind::CHECKOUT ? refused(no_subscription) : ignored("NOT_A_SUBSCRIPTION");
  const Owner owner = owner_of(event, known);
  if (owner.refusal != nullptr) {
    Decision refusal = refused(owner.refusal);
    if (refusal.reason == other_client && event.kind == EventKind::CHECKOUT && event.paid) refusal.alarm = other_client;
    return refusal;
  }

  Subscription before;
  if (known.subscription != nullptr) before = *known.subscription;
  before.subscription_id = event.subscription_id;
  before.client_id = owner.client_id;
  if (known.subscription == nullptr || event.head.created < before.began_at) before.began_at = event.head.created;

  Decision decision;
  Subscription after = before;
  const auto place = after.history.add(telling_of(event, prices));
  const SubscriptionFacts facts = after.history.facts();
  static_cast<SubscriptionFacts&>(after) = facts;
  const bool is_end = event.kind == EventKind::SUBSCRIPTION_DELETED;
  const bool goes_on = place == SubscriptionHistory::Place::NEWEST && !has_ended(before.status);
  const bool moves = is_end || goes_on || facts != before;
  add_mail(event, before, after, decision);
  if (event.kind == EventKind::CHECKOUT && event.paid && !before.checkout_paid && !has_ended(after.status)) {
    after.checkout_paid = true;
    decision.checkout_paid = true;
  }
  const bool changes = known.subscription == nullptr || after != *known.subscription;
  decision.verdict = moves || decision.mail != Mail::NONE || decision.checkout_paid ? Verdict::APPLIED : Verdict::STALE;
  decision.reason = decision.verdict == Verdict::STALE ? "OLDER_THAN_STATE" : "";
  if (decision.checkout_paid && known.owner_pays_already) decision.alarm = second_subscription;
  if (decision.mail == Mail::SUBSCRIPTION_CONFIRMED && !known.owner_exists) decision.alarm = client_gone;
  if (changes) decision.changed = std::move(after);
  return decision;
}

}  // namespace carillon::billing
