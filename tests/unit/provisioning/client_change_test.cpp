#include "provisioning/core/client_change.hpp"

#include <catch2/catch.hpp>

using namespace carillon;
using namespace carillon::provisioning;

namespace {

Client known() {
  Client client;
  client.id = "acme";
  client.version = 3;
  client.onboarding_status = provisioned;
  client.onboarding_state = "COMPLETE";
  client.plan = "PRO";
  client.payment_active = true;
  client.business_name = "Acme";
  client.twilio_number = "+15005550006";
  client.contacts = {"ann@acme.example", "+447700900123", "", "https://hooks.slack.com/services/T0/B0/secret"};
  client.time_zone = "Europe/London";
  return client;
}

Result<Client> change(std::string_view body, ChangeKind kind = ChangeKind::MERGE, const Client& client = known()) {
  return changed(client, body, kind, [](std::string_view name) { return name == "Europe/Berlin"; });
}

std::string refusal(std::string_view body) {
  const auto client = change(body);
  return client ? "taken"
                : client.error().code + " " + client.error().detail.substr(0, client.error().detail.find(':'));
}

}  // namespace

TEST_CASE("client change: a merge changes what it names and nothing else") {
  const auto client = change(R"({"plan":"SOLO","contacts":{"phone":"+4930123456"},"time_zone":"Europe/Berlin"})");
  REQUIRE(client);
  Client expected = known();
  expected.plan = "SOLO";
  expected.contacts.phone = "+4930123456";
  expected.time_zone = "Europe/Berlin";
  CHECK(*client == expected);
  CHECK(changed_fields(known(), *client) == std::vector<std::string_view>{"plan", "contacts.phone", "time_zone"});
  CHECK(changed_fields(known(), known()).empty());
}

TEST_CASE("client change: null in a merge is the default") {
  const auto client = change(R"({"plan":null,"business_name":null,"contacts":null,"onboarding_status":null})");
  REQUIRE(client);
  CHECK(client->plan.empty());
  CHECK(client->business_name.empty());
  CHECK(client->contacts == events::Contacts{});
  CHECK(client->onboarding_status == "PENDING");
}

TEST_CASE("client change: a replacement keeps what the platform keeps, and payment_active") {
  const auto client = change(R"({"client_id":"acme","business_name":"New"})", ChangeKind::REPLACE);
  REQUIRE(client);
  Client expected;
  expected.id = "acme";
  expected.version = 3;
  expected.onboarding_state = "COMPLETE";
  expected.payment_active = true;
  expected.twilio_number = "+15005550006";
  expected.business_name = "New";
  CHECK(*client == expected);
}

TEST_CASE("client change: an answer can be sent back, its masked webhook means the one there is") {
  const auto client = change(
      R"({"client_id":"acme","version":9,"twilio_number":"+1","created_at":"x","contacts":{"slack_webhook":"https://hooks.slack.com/…"}})",
      ChangeKind::REPLACE);
  REQUIRE(client);
  CHECK(client->version == 3);
  CHECK(client->contacts.slack_webhook == known().contacts.slack_webhook);
}

TEST_CASE("client change: entitlements have a key, an end and are given once") {
  const auto client = change(
      R"({"entitlements":[{"feature_key":"sms_reminders","expires_at":"2027-01-31T00:00:00Z"},{"feature_key":"monthly_digest","granted":false}]})");
  REQUIRE(client);
  REQUIRE(client->entitlements.size() == 2);
  CHECK(client->entitlements[0] == events::Entitlement{"sms_reminders", true, from_rfc3339("2027-01-31T00:00:00Z")});
  CHECK(client->entitlements[1] == events::Entitlement{"monthly_digest", false, {}});
}

TEST_CASE("client change: e-mail, numbers and webhooks take their normal form") {
  const auto client =
      change(R"({"owner_phone":"+447700900999","contacts":{"email":"Ann@ACME.example","billing_email":""}})");
  REQUIRE(client);
  CHECK(client->owner_phone == "+447700900999");
  CHECK(client->contacts.email == "Ann@acme.example");
}

TEST_CASE("client change: what is wrong is named by its field") {
  const std::string long_text(text_chars_max + 1, 'x');
  const auto [body, expected] = GENERATE_COPY(table<std::string, std::string>({
      {"{", "MALFORMED_JSON"},
      {"[]", "INVALID_FIELD"},
      {R"({"plan":"GOLD"})", "INVALID_FIELD plan"},
      {R"({"plan":5})", "INVALID_FIELD plan"},
      {R"({"planet":"SOLO"})", "INVALID_FIELD body"},
      {R"({"client_id":"other"})", "INVALID_FIELD client_id"},
      {R"({"onboarding_status":"DONE"})", "INVALID_FIELD onboarding_status"},
      {R"({"subscription_status":"paid"})", "INVALID_FIELD subscription_status"},
      {R"({"payment_active":"yes"})", "INVALID_FIELD payment_active"},
      {R"({"business_name":")" + long_text + "\"}", "INVALID_FIELD business_name"},
      {R"({"owner_name":"Ann\r\nBcc: x"})", "INVALID_FIELD owner_name"},
      {R"({"owner_phone":"07700 900123"})", "INVALID_FIELD owner_phone"},
      {R"({"phone_type":"Nokia"})", "INVALID_FIELD phone_type"},
      {R"({"contacts":[]})", "INVALID_FIELD contacts"},
      {R"({"contacts":{"fax":"1"}})", "INVALID_FIELD contacts"},
      {R"({"contacts":{"email":"ann"}})", "INVALID_FIELD contacts.email"},
      {R"({"contacts":{"phone":"+44"}})", "INVALID_FIELD contacts.phone"},
      {R"({"contacts":{"slack_webhook":"http://x"}})", "INVALID_FIELD contacts.slack_webhook"},
      {R"({"contacts":{"slack_webhook":"https://hooks.example/…"}})", "INVALID_FIELD contacts.slack_webhook"},
      {R"({"time_zone":"Mars/Olympus"})", "INVALID_FIELD time_zone"},
      {R"({"locale":"english please"})", "INVALID_FIELD locale"},
      {R"({"entitlements":{}})", "INVALID_FIELD entitlements"},
      {R"({"entitlements":[{"granted":true}]})", "INVALID_FIELD entitlements[0].feature_key"},
      {R"({"entitlements":[{"feature_key":"A B"}]})", "INVALID_FIELD entitlements[0]"},
      {R"({"entitlements":[{"feature_key":"a","expires_at":"soon"}]})", "INVALID_FIELD entitlements[0].expires_at"},
      {R"({"entitlements":[{"feature_key":"a"},{"feature_key":"a"}]})", "INVALID_FIELD entitlements[1].feature_key"},
  }));
  CAPTURE(body);
  CHECK(refusal(body).substr(0, expected.size()) == expected);
}

TEST_CASE("client change: a refusal never repeats a recipient") {
  const auto client = change(R"({"contacts":{"email":"ann@secret@example.com"}})");
  REQUIRE_FALSE(client);
  CHECK(client.error().detail.find("secret") == std::string::npos);
}

TEST_CASE("client id: letters, digits and -_.: only") {
  CHECK(is_client_id("acme-1_x.y:z"));
  CHECK(is_client_id(std::string(client_id_chars_max, 'a')));
  for (const std::string& id : {std::string(), std::string(client_id_chars_max + 1, 'a'), std::string("a b"),
                                std::string("a/b"), std::string("é")})
    CHECK_FALSE(is_client_id(id));
  CHECK(*read_client_id(R"({"client_id":"acme"})") == "acme");
  CHECK(read_client_id("{}")->empty());
  CHECK_FALSE(read_client_id(R"({"client_id":7})"));
}
