#include "provisioning/app/client_store.hpp"

#include <catch2/catch.hpp>

#include "integration/provisioning/world.hpp"
#include "postgres/errors.hpp"

using namespace carillon;
using namespace carillon::provisioning;
using namespace carillon::provisioning::testing;
using namespace std::chrono_literals;

namespace {

// Every field has a value of its own.
Client full_client() {
  Client client;
  client.id = "acme";
  client.onboarding_status = provisioned;
  client.onboarding_state = "S3_OWNER_NAME";
  client.plan = "PORTFOLIO";
  client.payment_active = true;
  client.subscription_status = "active";
  client.entitlements = {{"sms_reminders", true, from_unix_micros(1'800'000'000'000'000)},
                         {"monthly_digest", false, {}}};
  client.business_name = "Acme \"Letting\"";
  client.business_type = "Letting {agents}";
  client.location = "Łódź, Poland";
  client.owner_name = "Ann O'Neil\\";
  client.owner_phone = "+447700900123";
  client.notification_preference = "SMS";
  client.phone_type = "iPhone";
  client.twilio_number = "+15005550006";
  client.contacts = {"ann@acme.example", "+447700900456", "billing@acme.example",
                     "https://hooks.slack.com/services/T/B/x"};
  client.sms_enabled = true;
  client.time_zone = "Europe/London";
  client.locale = "en";
  client.stripe_customer_id = "cus_1";
  client.stripe_subscription_id = "sub_1";
  client.billing_version = 7;
  return client;
}

std::optional<Client> read(Tables& tables, const std::string& id) {
  std::optional<Client> found;
  tables.change([&](auto& tx, auto&) { found = find_client(tx, id, Lock::NO); });
  return found;
}

}  // namespace

TEST_CASE("client store: a client is read as it was written, and published so") {
  Tables tables;
  Client client = full_client();
  tables.change([&](auto& tx, auto& out) { REQUIRE(insert_client(tx, out, client, tables.clock.now())); });
  CHECK(client.version == 1);
  CHECK(read(tables, "acme") == client);
  const auto states = tables.states();
  REQUIRE(states.size() == 1);
  CHECK(states[0] == state_of(client));
  CHECK(states[0].entitlements == client.entitlements);
  CHECK(states[0].contacts == client.contacts);
  CHECK_FALSE(read(tables, "acme2"));
}

TEST_CASE("client store: each change is one version, published in the same transaction") {
  Tables tables;
  std::vector<Client> clients{some_client("a"), some_client("b")};
  tables.change([&](auto& tx, auto& out) {
    for (Client& client : clients) REQUIRE(insert_client(tx, out, client, tables.clock.now()));
  });
  tables.clock.advance(1min);
  tables.change([&](auto& tx, auto& out) {
    auto locked = find_clients(tx, std::vector<std::string>{"b", "a", "no"}, Lock::FOR_UPDATE);
    REQUIRE(locked.size() == 2);
    CHECK(locked[0].id == "a");
    for (Client& client : locked) client.plan = "SOLO";
    update_clients(tx, out, locked, tables.clock.now());
    CHECK(locked[1].version == 2);
  });
  CHECK(read(tables, "b")->plan == "SOLO");
  CHECK(read(tables, "b")->updated_at == tables.clock.now());
  CHECK(read(tables, "b")->created_at == tables.clock.now() - 1min);
  std::map<std::string, std::int64_t> versions;
  for (const auto& state : tables.states()) {
    CHECK(state.version == versions[state.client_id] + 1);
    versions[state.client_id] = state.version;
  }
  CHECK(versions == std::map<std::string, std::int64_t>{{"a", 2}, {"b", 2}});
}

TEST_CASE("client store: what changed since it was read is a conflict, and nothing is published") {
  Tables tables;
  Client client = some_client("acme");
  tables.change([&](auto& tx, auto& out) { REQUIRE(insert_client(tx, out, client, tables.clock.now())); });
  Client stale = client;
  tables.change([&](auto& tx, auto& out) { update_client(tx, out, client, tables.clock.now()); });
  CHECK_THROWS_AS(tables.change([&](auto& tx, auto& out) { update_client(tx, out, stale, tables.clock.now()); }),
                  pg::Conflict);
  CHECK(tables.states().size() == 2);
}

TEST_CASE("client store: an id, an owner's phone and a number belong to one client") {
  Tables tables;
  Client first = full_client();
  tables.change([&](auto& tx, auto& out) { REQUIRE(insert_client(tx, out, first, tables.clock.now())); });
  Client same_id = some_client("acme"), same_phone = some_client("b"), same_number = some_client("c");
  same_phone.owner_phone = first.owner_phone;
  same_number.twilio_number = first.twilio_number;
  for (Client* client : {&same_id, &same_phone, &same_number})
    tables.change([&](auto& tx, auto& out) { CHECK_FALSE(insert_client(tx, out, *client, tables.clock.now())); });
  CHECK(tables.states().size() == 1);
  tables.change([&](auto& tx, auto&) {
    CHECK(find_client_by_owner_phone(tx, "+447700900123", Lock::NO)->id == "acme");
    CHECK(find_client_by_twilio_number(tx, "+15005550006", Lock::FOR_UPDATE)->id == "acme");
    CHECK_FALSE(find_client_by_owner_phone(tx, "", Lock::NO));
    CHECK_FALSE(find_client_by_twilio_number(tx, "", Lock::FOR_UPDATE));
  });
  first.deleted = true;
  tables.change([&](auto& tx, auto& out) { update_client(tx, out, first, tables.clock.now()); });
  tables.change([&](auto& tx, auto& out) {
    CHECK_FALSE(find_client_by_owner_phone(tx, "+447700900123", Lock::NO));
    CHECK(insert_client(tx, out, same_phone, tables.clock.now()));
  });
}

TEST_CASE("client store: of a deleted client only that it is gone is published") {
  Tables tables;
  Client client = full_client();
  tables.change([&](auto& tx, auto& out) { REQUIRE(insert_client(tx, out, client, tables.clock.now())); });
  client.deleted = true;
  tables.change([&](auto& tx, auto& out) { update_client(tx, out, client, tables.clock.now()); });
  events::ClientState gone;
  gone.client_id = "acme";
  gone.version = 2;
  gone.deleted = true;
  CHECK(tables.states().back() == gone);
}
