#include "billing-ingest/core/subscription_history.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "unit/billing-ingest/story.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;

namespace {

// What is left when everything has come; those that name nobody come again once it is known whose they are.
Story told_in(std::vector<StripeEvent> events) {
  Story story;
  while (!events.empty()) {
    std::vector<StripeEvent> refused;
    for (const StripeEvent& event : events)
      if (story.tell(event).verdict == Verdict::REFUSED) refused.push_back(event);
    if (refused.size() == events.size()) break;
    events = std::move(refused);
  }
  return story;
}

struct End {
  SubscriptionFacts facts;
  UtcTime began_at{};
  std::set<std::string> confirmed;
  int confirmations = 0, cancellations = 0, checkouts = 0;
  bool operator==(const End&) const = default;
};

// Of what had ended before it was heard of nothing is confirmed any more.
End end_of(Story story, bool with_confirmations) {
  REQUIRE(story.state);
  const Subscription& one = *story.state;
  End end{one, one.began_at, {}, 0, story.mails[Mail::SUBSCRIPTION_CANCELED], 0};
  if (!with_confirmations) return end;
  end.confirmed = {one.confirmed.begin(), one.confirmed.end()};
  end.confirmations = story.mails[Mail::SUBSCRIPTION_CONFIRMED];
  end.checkouts = story.checkouts_paid;
  return end;
}

StripeEvent created(long at) {
  return read(event("evt_created", "customer.subscription.created", at, subscription_fields("incomplete", "acme")));
}

// In the order they were made.
const std::vector<std::vector<StripeEvent>>& lives() {
  static const std::vector<std::vector<StripeEvent>> all{
      // A plan changes, and its invoice is made after that.
      {created(t), checkout(t), paid(t), changed("active", t + 1, "incomplete"),
       moved_to("price_solo", "price_pro", t + 100), paid(t + 101, "subscription_update")},
      // And changes back within the same second; a payment fails and is made up for.
      {checkout(t), paid(t), moved_to("price_solo", "price_pro", t + 100), moved_to("price_pro", "price_solo", t + 100),
       failed(t + 2'600'000), changed("past_due", t + 2'600'000, "active"),
       paid(t + 2'700'000, "subscription_cycle", 1805200000)},
      // Paused, or unpaid, and an invoice of a period that is over is paid after that.
      {checkout(t), changed("paused", t + 100, "active"), paid(t + 101, "subscription_cycle", 1802600000)},
      {checkout(t), changed("unpaid", t + 100, "active"), paid(t + 101, "manual", 1800000000)},
      // Three changes within one second.
      {checkout(t), changed("past_due", t + 100, "active"), changed("unpaid", t + 100, "past_due"),
       changed("active", t + 100, "unpaid"), paid(t + 90, "subscription_cycle", 1805200000)},
      // The end, and what is told after it.
      {checkout(t), paid(t), changed("past_due", t + 100, "active"), deleted(t + 200), failed(t + 201),
       changed("active", t + 300, "canceled")}};
  return all;
}

}  // namespace

TEST_CASE("billing history: in every order of a few events status, plan, period and mail come to the same") {
  const std::size_t life = GENERATE(range(std::size_t{0}, std::size_t{6}));
  CAPTURE(life);
  const std::vector<StripeEvent>& in_order = lives().at(life);
  const bool with_confirmations = life < 2;  // of whole first periods
  const End expected = end_of(told_in(in_order), with_confirmations);
  std::vector<std::size_t> order(in_order.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  int orders = 0;
  do {
    std::vector<StripeEvent> events;
    for (const std::size_t i : order) events.push_back(in_order[i]);
    const End end = end_of(told_in(events), with_confirmations);
    if (end == expected) continue;
    CAPTURE(order, end.facts.status, end.facts.plan, expected.facts.status, expected.facts.plan);
    REQUIRE(end == expected);
  } while (++orders, std::next_permutation(order.begin(), order.end()));
  CHECK(orders > 5);
}

TEST_CASE("billing history: a plan that changed before a newer invoice is not lost when it comes behind it") {
  Story story;
  story.tell(checkout());
  story.tell(paid(t + 101, "subscription_update"));
  CHECK(story.state->plan == "PRO");
  const Decision& decision = story.tell(moved_to("price_solo", "price_pro", t + 100));
  CHECK(decision.verdict == Verdict::APPLIED);
  CHECK(story.state->plan == "SOLO");
  CHECK(story.state->status == "active");
  CHECK(story.tell(moved_to("price_pro", "price_solo", t + 50)).verdict == Verdict::STALE);
  CHECK(story.state->plan == "SOLO");
}

TEST_CASE("billing history: an invoice that is paid behind a newer pause or debt does not end it") {
  for (const char* status : {"paused", "unpaid"}) {
    Story story;
    story.tell(checkout());
    story.tell(paid(t + 101, "manual", 1800000000));
    CHECK(story.tell(changed(status, t + 100, "active")).verdict == Verdict::APPLIED);
    CHECK(story.state->status == status);
  }
}

TEST_CASE("billing history: of random events the order of arrival tells nothing, as long as they are not too many") {
  std::mt19937 dice(20261130);
  for (int round = 0; round < 300; ++round) {
    const auto any = [&](int below) { return static_cast<int>(dice() % static_cast<unsigned>(below)); };
    SubscriptionHistory history;
    std::vector<Telling> tellings;
    for (int i = 0; i < 12; ++i) {
      constexpr const char* statuses[] = {"active", "past_due", "unpaid", "paused", "trialing", "incomplete"};
      constexpr const char* plans[] = {"", "SOLO", "PRO"};
      Telling one;
      one.event_id = "evt_" + std::to_string(i);
      one.kind = static_cast<EventKind>(1 + any(6));
      if (one.kind == EventKind::SUBSCRIPTION_DELETED && any(4) != 0) one.kind = EventKind::SUBSCRIPTION_UPDATED;
      one.at = UtcTime{std::chrono::seconds{t + any(5)}};
      one.status = statuses[any(6)];
      one.previous_status = any(2) == 0 ? "" : statuses[any(6)];
      one.plan = plans[any(3)];
      one.previous_plan = plans[any(3)];
      one.email = any(2) == 0 ? "" : "a" + std::to_string(i) + "@example.com";
      one.paid = any(2) == 0;
      if (any(2) == 0) one.period_end = UtcTime{std::chrono::seconds{t + 100 * any(5)}};
      tellings.push_back(one);
    }
    for (const Telling& each : tellings) history.add(each);
    for (int shuffles = 0; shuffles < 20; ++shuffles) {
      std::shuffle(tellings.begin(), tellings.end(), dice);
      SubscriptionHistory other;
      for (const Telling& each : tellings) other.add(each);
      REQUIRE(other == history);
      REQUIRE(other.facts() == history.facts());
    }
  }
}

TEST_CASE("billing history: an end holds, however late it is told") {
  SubscriptionHistory history;
  history.settled.status = "active";
  history.settled.told_at = from_unix_micros((t + 100) * 1'000'000LL);
  CHECK(history.add(telling_of(deleted(t + 50), prices)) == SubscriptionHistory::Place::TOO_LATE);
  CHECK(history.facts().status == "canceled");
  history.add(telling_of(changed("active", t + 200), prices));
  CHECK(history.facts().status == "canceled");
}

TEST_CASE("billing history: what is too long ago is settled and stays; the rest is kept, and text gives it back") {
  SubscriptionHistory history;
  Telling one = telling_of(checkout(), prices);
  history.add(one);
  for (std::size_t i = 0; i < tellings_max + 20; ++i) {
    one = telling_of(changed(i % 2 == 0 ? "past_due" : "active", t + 10 + static_cast<long>(i)), prices);
    CHECK(history.add(one) == SubscriptionHistory::Place::NEWEST);
  }
  CHECK(history.told.size() == tellings_max);
  CHECK(history.settled.plan == "PRO");
  CHECK(history.settled.email == "pay@example.com");
  CHECK(history.add(one) == SubscriptionHistory::Place::TOO_LATE);
  const SubscriptionFacts before = history.facts();
  CHECK(history.add(telling_of(moved_to("price_solo", "price_pro", t + 5), prices)) ==
        SubscriptionHistory::Place::TOO_LATE);
  CHECK(history.facts() == before);
  const std::string text = to_text(history);
  CHECK(text.size() < 32 * 1024);
  REQUIRE(read_history(text));
  CHECK(*read_history(text) == history);
  CHECK_FALSE(read_history(""));
  CHECK_FALSE(read_history("{}"));
}
