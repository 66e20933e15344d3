#include "orchestrator/core/alert_settings.hpp"

#include <catch2/catch.hpp>

#include "orchestrator/core/alert_log_query.hpp"
#include "orchestrator/core/recipients.hpp"

using namespace carillon;
using namespace carillon::orchestrator;

namespace {

const std::vector<std::string> hosts{"hooks.slack.com"};
constexpr const char* webhook = "https://hooks.slack.com/services/T0/B0/x";

std::string refused_field(const std::string& json) {
  const auto read = read_alert_change(json, hosts);
  REQUIRE_FALSE(read);
  return read.error().detail.substr(0, read.error().detail.find(':'));
}

}  // namespace

TEST_CASE("alert change: what is absent stays, what is empty is removed, and only names of fields come out") {
  AlertSettings settings;
  settings.email = "ann@example.com";
  settings.slack_webhook = webhook;
  const auto change = read_alert_change(R"({"slack_webhook_url":"","alerts":{"psi_alert":true}})", hosts);
  REQUIRE(change);
  CHECK(apply(*change, settings) == "slack_webhook_url,psi_alert");
  CHECK(settings.email == "ann@example.com");
  CHECK(settings.slack_webhook.empty());
  CHECK(settings.toggles.is_on(AlertType::PSI_ALERT));
  CHECK_FALSE(settings.toggles.is_on(AlertType::JE_IMBALANCE));
  CHECK(apply(*change, settings).empty());
}

TEST_CASE("alert change: addresses come out in normal form") {
  const auto change = read_alert_change(
      R"({"email":"Ann@EXAMPLE.com","slack_webhook_url":"https://HOOKS.slack.com/services/T0/B0/x"})", hosts);
  REQUIRE(change);
  CHECK(change->email == "Ann@example.com");
  CHECK(change->slack_webhook == webhook);
}

TEST_CASE("alert change: a wrong field is named") {
  CHECK(refused_field(R"({"email":"ann"})") == "email");
  CHECK(refused_field(R"({"email":null})") == "email");
  CHECK(refused_field(R"({"slack_webhook_url":"https://example.com/services/T0/B0/x"})") == "slack_webhook_url");
  CHECK(refused_field(R"({"alerts":[]})") == "alerts");
  CHECK(refused_field(R"({"alerts":{"test":true}})") == "alerts.test");
  CHECK(refused_field(R"({"alerts":{"psi_alert":"on"}})") == "alerts.psi_alert");
  CHECK(refused_field(R"({"tenant_id":"x"})") == "tenant_id");
  CHECK_FALSE(read_alert_change("[]", hosts));
}

TEST_CASE("alert settings: toggles are written whole and read leniently") {
  AlertToggles toggles;
  toggles.set(AlertType::EXPORT_COMPLETED, true);
  CHECK(toggles.json() == R"({"psi_alert":false,"budget_fallback":false,"je_imbalance":false,)"
                          R"("export_completed":true,"coldstart_graduated":false})");
  CHECK(AlertToggles::from_json(toggles.json()) == toggles);
  CHECK(AlertToggles::from_json("{}") == AlertToggles{});
  CHECK(AlertToggles::from_json(R"({"gone":true,"psi_alert":7})") == AlertToggles{});
}

TEST_CASE("alert settings: alerts go to the channels with an address, without any to all") {
  AlertSettings settings;
  CHECK(settings.channels().size() == 2);
  settings.email = "ann@example.com";
  CHECK(settings.channels() == std::vector{events::Channel::EMAIL});
  settings.slack_webhook = webhook;
  CHECK(settings.channels().size() == 2);
}

TEST_CASE("alert settings: an alert without an address is not sent to the client's contact") {
  TemplateMeta meta;
  meta.audience = events::Audience::CLIENT;
  meta.channel = events::Channel::EMAIL;
  meta.category = "tenant_alerts";
  meta.explicit_recipient = true;
  events::ClientState client;
  client.contacts = events::Contacts{"ann@example.com", "", ""};
  const auto found = resolve_recipients({}, meta, &client, {}, nullptr);
  CHECK(found.addresses.empty());
  REQUIRE(found.refusal);
  CHECK(found.refusal->status == events::Status::BLOCKED_PROVIDER_NOT_CONFIGURED);
}

TEST_CASE("alert log query: a cursor leads back to its place, a foreign one and a wrong limit are refused") {
  const AlertLogPlace place{from_unix_micros(1'790'000'000'000'001), "019c1699-7f98-7000-8000-000000000001"};
  const auto query = read_alert_log_query({{"cursor", alert_log_cursor(place)}, {"limit", "200"}});
  REQUIRE(query);
  CHECK(query->after == place);
  CHECK(query->limit == 200);
  for (const char* bad : {"x", ".", "1.2", "-1.019c1699-7f98-7000-8000-000000000001",
                          "99999999999999999999.019c1699-7f98-7000-8000-000000000001"})
    CHECK_FALSE(read_alert_log_query({{"cursor", bad}}));
  CHECK_FALSE(read_alert_log_query({{"limit", "0"}}));
  CHECK_FALSE(read_alert_log_query({{"limit", "201"}}));
  CHECK_FALSE(read_alert_log_query({{"page", "2"}}));
}
