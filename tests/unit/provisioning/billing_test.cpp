#include "provisioning/core/billing.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::provisioning;
using events::BillingEvent;
using events::BillingKind;

namespace {

Client acme() {
  Client client;
  client.id = "acme";
  return client;
}

BillingEvent event(BillingKind kind, std::int64_t version, std::string subscription = "sub_1") {
  BillingEvent event;
  event.client_id = "acme";
  event.version = version;
  event.kind = kind;
  event.event_id = "evt_1";
  event.customer_id = "cus_1";
  event.subscription_id = std::move(subscription);
  event.plan = "PRO";
  return event;
}

}  // namespace

TEST_CASE("billing: a paid checkout sets payment_active, plan and ids, and starts the job") {
  BillingEvent paid = event(BillingKind::CHECKOUT_PAID, 1);
  paid.email = "Ann@ACME.example";
  paid.name = "Ann";
  const BilledClient next = billed(acme(), paid);
  CHECK(next.effect == BillingEffect::APPLIED);
  CHECK(next.starts_job);
  CHECK(next.client.payment_active);
  CHECK(next.client.plan == "PRO");
  CHECK(next.client.subscription_status == "active");
  CHECK(next.client.stripe_customer_id == "cus_1");
  CHECK(next.client.stripe_subscription_id == "sub_1");
  CHECK(next.client.billing_version == 1);
  CHECK(next.client.contacts.email == "Ann@acme.example");
  CHECK(next.client.owner_name == "Ann");
}

TEST_CASE("billing: what is known of a client is not replaced by what Stripe says") {
  Client client = acme();
  client.contacts.email = "office@acme.example";
  client.owner_name = "Ann O.";
  BillingEvent paid = event(BillingKind::CHECKOUT_PAID, 1);
  paid.email = "ann@acme.example";
  paid.name = "ANN";
  const Client next = billed(client, paid).client;
  CHECK(next.contacts.email == "office@acme.example");
  CHECK(next.contacts.billing_email.empty());
  CHECK(next.owner_name == "Ann O.");
}

TEST_CASE("billing: an address or a name that can't be right is left out") {
  BillingEvent paid = event(BillingKind::CHECKOUT_PAID, 1);
  paid.email = "ann@acme.example\r\nBcc: all";
  paid.name = "Ann\nO";
  const Client next = billed(acme(), paid).client;
  CHECK(next.contacts.email.empty());
  CHECK(next.owner_name.empty());
}

TEST_CASE("billing: an older event, and the same once more, change nothing") {
  const Client paid = billed(acme(), event(BillingKind::CHECKOUT_PAID, 5)).client;
  for (const std::int64_t version : {1, 4, 5}) {
    const BilledClient next = billed(paid, event(BillingKind::SUBSCRIPTION_CANCELED, version));
    CHECK(next.effect == BillingEffect::OLDER);
    CHECK(next.client == paid);
    CHECK_FALSE(next.starts_job);
  }
}

TEST_CASE("billing: only the subscription's end clears payment_active") {
  Client client = billed(acme(), event(BillingKind::CHECKOUT_PAID, 1)).client;
  BillingEvent late = event(BillingKind::SUBSCRIPTION_UPDATED, 2);
  late.subscription_status = "past_due";
  client = billed(client, late).client;
  CHECK(client.payment_active);
  CHECK(client.subscription_status == "past_due");
  late.version = 3;
  late.subscription_status = "unpaid";
  client = billed(client, late).client;
  CHECK(client.payment_active);
  client = billed(client, event(BillingKind::SUBSCRIPTION_CANCELED, 4)).client;
  CHECK_FALSE(client.payment_active);
  CHECK(client.subscription_status == "canceled");
}

TEST_CASE("billing: an event of another subscription than the last one is the one that counts now") {
  const Client client = billed(acme(), event(BillingKind::CHECKOUT_PAID, 1, "sub_2")).client;
  BillingEvent change = event(BillingKind::SUBSCRIPTION_UPDATED, 2, "sub_1");
  change.subscription_status = "past_due";
  change.plan = "SOLO";
  const BilledClient late = billed(client, change);
  CHECK(late.effect == BillingEffect::APPLIED);
  CHECK(late.client.payment_active);
  CHECK(late.client.stripe_subscription_id == "sub_1");
  CHECK(late.client.subscription_status == "past_due");
  CHECK(late.client.plan == "SOLO");
  const BilledClient over = billed(client, event(BillingKind::SUBSCRIPTION_CANCELED, 2, "sub_1"));
  CHECK(over.effect == BillingEffect::APPLIED);
  CHECK_FALSE(over.client.payment_active);
  CHECK(over.client.billing_version == 2);
}

TEST_CASE("billing: who comes back with a new subscription pays again, and is provisioned once") {
  Client client = billed(acme(), event(BillingKind::CHECKOUT_PAID, 1)).client;
  client = billed(client, event(BillingKind::SUBSCRIPTION_CANCELED, 2)).client;
  client.onboarding_status = provisioned;
  const BilledClient next = billed(client, event(BillingKind::CHECKOUT_PAID, 3, "sub_9"));
  CHECK(next.client.payment_active);
  CHECK(next.client.stripe_subscription_id == "sub_9");
  CHECK_FALSE(next.starts_job);
}

TEST_CASE("billing: a price that is none of ours leaves the plan as it is") {
  Client client = acme();
  client.plan = "SOLO";
  BillingEvent paid = event(BillingKind::CHECKOUT_PAID, 1);
  paid.plan.clear();
  CHECK(billed(client, paid).client.plan == "SOLO");
}

TEST_CASE("billing: events that lack what every one has are refused") {
  CHECK_FALSE(wrong_with(event(BillingKind::CHECKOUT_PAID, 1)));
  const auto refused = [](const auto& spoil) {
    BillingEvent wrong = event(BillingKind::CHECKOUT_PAID, 1);
    spoil(wrong);
    const auto failure = wrong_with(wrong);
    return failure && failure->code == "INVALID_FIELD";
  };
  CHECK(refused([](BillingEvent& wrong) { wrong.client_id = "a b"; }));
  CHECK(refused([](BillingEvent& wrong) { wrong.version = 0; }));
  CHECK(refused([](BillingEvent& wrong) { wrong.kind = BillingKind{}; }));
  CHECK(refused([](BillingEvent& wrong) { wrong.plan = "GOLD"; }));
  CHECK(refused([](BillingEvent& wrong) { wrong.subscription_id = std::string(256, 'x'); }));
}
