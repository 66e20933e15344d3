#include "billing-ingest/core/decide_event.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "unit/billing-ingest/story.hpp"

using namespace carillon;
using namespace carillon::billing;
using namespace carillon::billing::testing;
using namespace std::chrono_literals;

TEST_CASE("billing decisions: a paid checkout links the client, activates and confirms") {
  Story story;
  const Decision& decision = story.tell(checkout());
  CHECK(decision.verdict == Verdict::APPLIED);
  CHECK(decision.checkout_paid);
  CHECK(decision.mail == Mail::SUBSCRIPTION_CONFIRMED);
  CHECK(decision.period == "first");
  CHECK(story.state->client_id == "acme");
  CHECK(story.state->status == "active");
  CHECK(story.state->plan == "PRO");
  CHECK(story.state->email == "pay@example.com");
}

TEST_CASE("billing decisions: a checkout that is not paid yet links the client and waits") {
  auto fields = checkout_fields();
  fields["payment_status"] = "\"unpaid\"";
  Story story;
  story.tell(read(event("evt_1", "checkout.session.completed", t, fields)));
  CHECK(story.state->status == "incomplete");
  CHECK(story.mails.empty());
  CHECK(story.checkouts_paid == 0);
  story.tell(read(event("evt_2", "checkout.session.async_payment_succeeded", t + 60, checkout_fields())));
  CHECK(story.state->status == "active");
  CHECK(story.checkouts_paid == 1);
  CHECK(story.mails[Mail::SUBSCRIPTION_CONFIRMED] == 1);
}

TEST_CASE("billing decisions: a trial counts as paid and is trialing") {
  auto fields = checkout_fields();
  fields["payment_status"] = "\"no_payment_required\"";
  Story story;
  CHECK(story.tell(read(event("evt_1", "checkout.session.completed", t, fields))).checkout_paid);
  CHECK(story.state->status == "trialing");
}

TEST_CASE("billing decisions: one SUBSCRIPTION_CONFIRMED per period, whichever event comes first") {
  Story story;
  SECTION("the checkout") {
    story.tell(checkout());
    story.tell(paid(t + 1));
  }
  SECTION("the invoice") {
    story.tell(changed("incomplete", t - 1));
    story.tell(paid(t + 1));
    story.tell(checkout());
  }
  SECTION("the checkout, with an invoice that does not say why it was made") {
    story.tell(checkout());
    story.tell(paid(t + 1, "manual"));
  }
  CHECK(story.mails[Mail::SUBSCRIPTION_CONFIRMED] == 1);
  CHECK(story.periods == std::vector<std::string>{"first"});
  CHECK(story.checkouts_paid == 1);
  story.tell(paid(t + 5, "subscription_update"));  // an upgrade within the period
  CHECK(story.mails[Mail::SUBSCRIPTION_CONFIRMED] == 1);
  story.tell(paid(t + 2'600'000, "subscription_cycle", 1805200000));
  CHECK(story.periods == std::vector<std::string>{"first", "1805200000"});
  story.tell(paid(t + 2'600'000, "subscription_cycle", 1805200000));
  CHECK(story.mails[Mail::SUBSCRIPTION_CONFIRMED] == 2);
}

TEST_CASE("billing decisions: an older event never moves a subscription backwards") {
  Story story;
  story.tell(checkout());
  story.tell(changed("active", t + 100, "past_due"));
  CHECK(story.tell(changed("past_due", t + 50, "active")).verdict == Verdict::STALE);
  CHECK(story.state->status == "active");
  CHECK(story.tell(failed(t + 50)).verdict == Verdict::STALE);  // it is paid by now: no mail
  CHECK(story.mails.count(Mail::PAYMENT_FAILED) == 0);
}

TEST_CASE("billing decisions: what has ended stays so, whatever comes and however new it says to be") {
  Story story;
  story.tell(checkout());
  story.tell(deleted(t + 100));
  CHECK(story.state->status == "canceled");
  CHECK(story.mails[Mail::SUBSCRIPTION_CANCELED] == 1);
  for (const auto& event : {changed("active", t + 200), paid(t + 200, "subscription_cycle", 1805200000),
                            checkout(t + 200), failed(t + 200)}) {
    story.tell(event);
    CHECK(story.state->status == "canceled");
  }
  story.tell(deleted(t + 300));
  CHECK(story.mails[Mail::SUBSCRIPTION_CANCELED] == 1);
  CHECK(story.mails[Mail::SUBSCRIPTION_CONFIRMED] == 1);
  CHECK(story.mails.count(Mail::PAYMENT_FAILED) == 0);
}

TEST_CASE("billing decisions: a failed payment is told while it matters, also behind a newer state") {
  Story story;
  story.tell(checkout());
  SECTION("first the invoice") {
    CHECK(story.tell(failed(t + 100)).mail == Mail::PAYMENT_FAILED);
    CHECK(story.state->status == "past_due");
    story.tell(changed("past_due", t + 101, "active"));
  }
  SECTION("first the subscription") {
    story.tell(changed("past_due", t + 101, "active"));
    CHECK(story.tell(failed(t + 100)).mail == Mail::PAYMENT_FAILED);
  }
  CHECK(story.state->status == "past_due");
  CHECK(story.mails[Mail::PAYMENT_FAILED] == 1);
  story.tell(paid(t + 200, "subscription_cycle", 1805200000));
  CHECK(story.state->status == "active");
}

TEST_CASE("billing decisions: an invoice fills an unknown plan and never changes a known one") {
  auto fields = invoice_fields("subscription_update");
  fields["lines"] = R"({"data":[{"period":{"end":1802600000},"price":{"id":"price_solo"}}]})";
  const auto billed = read(event("evt_upgrade", "invoice.paid", t + 100, fields));
  const auto unpaid = read(event("evt_upgrade_failed", "invoice.payment_failed", t + 100, fields));
  Story story;
  SECTION("known") {
    story.tell(checkout());
    story.tell(unpaid);
    CHECK(story.state->plan == "PRO");
    story.tell(billed);
    CHECK(story.state->plan == "PRO");
  }
  SECTION("unknown") {
    auto unpriced = subscription_fields("active", "acme");
    unpriced["items"] = R"({"data":[]})";
    story.tell(read(event("evt_created", "customer.subscription.created", t, unpriced)));
    CHECK(story.state->plan.empty());
    story.tell(billed);
    CHECK(story.state->plan == "SOLO");
  }
}

TEST_CASE("billing decisions: only an invoice of the period that is due ends past due and unpaid") {
  const std::string owing = GENERATE(as<std::string>{}, "past_due", "unpaid");
  CAPTURE(owing);
  Story story;
  story.tell(checkout());
  story.tell(changed(owing, t + 100, "active"));  // until 1802600000
  story.tell(paid(t + 200, "manual", 1800000000));
  CHECK(story.state->status == owing);
  story.tell(paid(t + 300, "subscription_cycle", 1802600000));
  CHECK(story.state->status == "active");
}

TEST_CASE("billing decisions: a bare reference links nobody to a client that pays as another customer") {
  Known known;
  known.named_client_exists = true;
  known.named_client_pays_as_another = true;
  const auto refused = decide_event(checkout(), known, prices);
  CHECK(refused.verdict == Verdict::REFUSED);
  CHECK(refused.reason == other_client);
  CHECK_FALSE(refused.changed);
  auto fields = checkout_fields();
  fields["metadata"] = R"({"client_id":"acme","plan":"PRO"})";
  const auto ours = read(event("evt_1", "checkout.session.completed", t, fields));
  CHECK(decide_event(ours, known, prices).verdict == Verdict::APPLIED);
  known.client_of_customer = "acme";
  CHECK(decide_event(checkout(), known, prices).verdict == Verdict::APPLIED);
}

TEST_CASE("billing decisions: of two updates within one second the second one stands") {
  const auto down = changed("past_due", t + 100, "active");
  const auto up = changed("active", t + 100, "past_due");
  Story story;
  story.tell(checkout());
  SECTION("in order") {
    CHECK(story.tell(down).verdict == Verdict::APPLIED);
    CHECK(story.tell(up).verdict == Verdict::APPLIED);
  }
  SECTION("reversed") {
    story.tell(up);
    CHECK(story.tell(down).verdict != Verdict::APPLIED);
  }
  CHECK(story.state->status == "active");
}

TEST_CASE("billing decisions: events of nobody we know are refused, those of unused types ignored") {
  Story story;
  CHECK(story.tell(checkout(t, "stranger")).reason == unknown_client);
  CHECK(story.tell(checkout(t, "")).reason == unknown_customer);
  CHECK(story.tell(paid(t)).reason == unknown_customer);
  CHECK(story.last.verdict == Verdict::REFUSED);
  CHECK(story.tell(read(R"({"id":"evt_1","type":"charge.succeeded","created":1})")).verdict == Verdict::IGNORED);
  auto fields = checkout_fields();
  fields["mode"] = "\"payment\"";
  CHECK(story.tell(read(event("evt_1", "checkout.session.completed", t, fields))).verdict == Verdict::IGNORED);
  fields["mode"] = "\"subscription\"";
  fields["subscription"] = "null";
  CHECK(story.tell(read(event("evt_1", "checkout.session.completed", t, fields))).reason == no_subscription);
  CHECK_FALSE(story.state);
}

TEST_CASE("billing decisions: an event that names another client than its subscription's is refused") {
  Story story;
  story.tell(checkout());
  const Subscription before = *story.state;
  CHECK(story.tell(changed("canceled", t + 100, "", "globex")).reason == other_client);
  CHECK(*story.state == before);
  Known known;
  known.client_of_customer = "globex";
  known.named_client_exists = true;
  CHECK(decide_event(checkout(), known, prices).reason == other_client);
}

TEST_CASE("billing decisions: another subscription of a known customer belongs to the same client") {
  Known known;
  known.client_of_customer = "acme";
  const auto decision = decide_event(paid(t), known, prices);
  CHECK(decision.verdict == Verdict::APPLIED);
  CHECK(decision.changed->client_id == "acme");
}

TEST_CASE("billing decisions: a client is judged by the best of its subscriptions, of several the newest") {
  const auto make = [](const char* id, const char* status, long began) {
    Subscription one;
    one.subscription_id = id;
    one.status = status;
    one.began_at = UtcTime{std::chrono::seconds{began}};
    return one;
  };
  CHECK(effective({}) == nullptr);
  std::vector<Subscription> all{make("sub_old", "canceled", 1), make("sub_new", "active", 2)};
  CHECK(effective(all)->subscription_id == "sub_new");
  all[1].status = "canceled";
  CHECK(effective(all)->subscription_id == "sub_new");
  all[0].status = "past_due";
  CHECK(effective(all)->subscription_id == "sub_old");
}

TEST_CASE("billing decisions: in whatever order a life's events come, it ends the same and each mail goes once") {
  std::vector<StripeEvent> life{
      read(event("evt_created", "customer.subscription.created", t, subscription_fields("incomplete", "acme"))),
      checkout(t),
      paid(t),
      changed("active", t, "incomplete"),
      failed(t + 2'600'000),
      changed("past_due", t + 2'600'000, "active"),
      paid(t + 2'700'000, "subscription_cycle", 1805200000),
      changed("active", t + 2'700'000, "past_due"),
  };
  std::mt19937 dice(20261130);
  for (int round = 0; round < 2'000; ++round) {
    std::shuffle(life.begin(), life.end(), dice);
    Story story;
    for (const auto& event : life) story.tell(event);
    // Those that name nobody come again when it is known whose they are.
    for (const auto& event : life)
      if (event.named_client.empty()) story.tell(event);
    REQUIRE(story.state->status == "active");
    REQUIRE(story.state->told_at == UtcTime{std::chrono::seconds{t + 2'700'000}});
    REQUIRE(story.checkouts_paid == 1);
    REQUIRE(story.mails[Mail::SUBSCRIPTION_CONFIRMED] == 2);
    REQUIRE(story.mails[Mail::PAYMENT_FAILED] <= 1);
    story.tell(deleted(t + 2'800'000));
    REQUIRE(story.state->status == "canceled");
    REQUIRE(story.mails[Mail::SUBSCRIPTION_CANCELED] == 1);
  }
}
