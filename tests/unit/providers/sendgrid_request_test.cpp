#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/sendgrid/client.hpp"

namespace {

using namespace carillon::dispatcher;
using carillon::service::Environment;
using carillon::service::Settings;

SendgridSettings read(const Environment& environment) {
  Settings settings(environment);
  SendgridSettings out = SendgridSettings::read(settings);
  settings.finish();
  return out;
}

OutboundMessage message() {
  OutboundMessage out;
  out.message_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  out.attempt = 3;
  out.recipient = "ann@example.com";
  out.subject = "Größe\r\nBcc: eve@example.com";
  out.text = "Hallo 🔔 \"x\"\n";
  out.html = "<p>Hallo</p>";
  out.template_key = "PAYMENT_FAILED";
  return out;
}

rapidjson::Document body_of(const OutboundMessage& message) {
  const auto settings =
      read({{"EMAIL_SENDER", "Glocken, GmbH <bell@example.com>"}, {"EMAIL_REPLY_TO", "help@example.com"}});
  rapidjson::Document json;
  json.Parse(sendgrid::request_body(settings, message).c_str());
  REQUIRE(json.IsObject());
  return json;
}

TEST_CASE("sendgrid request: all fields, the plain text first, custom_args as texts") {
  const auto json = body_of(message());
  REQUIRE(json["personalizations"].Size() == 1);
  REQUIRE(json["personalizations"][0]["to"].Size() == 1);
  CHECK(json["personalizations"][0]["to"][0]["email"] == "ann@example.com");
  CHECK(json["from"]["email"] == "bell@example.com");
  CHECK(json["from"]["name"] == "Glocken, GmbH");
  CHECK(json["reply_to"]["email"] == "help@example.com");
  CHECK_FALSE(json["reply_to"].HasMember("name"));
  CHECK(json["subject"] == "Größe  Bcc: eve@example.com");
  REQUIRE(json["content"].Size() == 2);
  CHECK(json["content"][0]["type"] == "text/plain");
  CHECK(json["content"][0]["value"] == "Hallo 🔔 \"x\"\n");
  CHECK(json["content"][1]["type"] == "text/html");
  CHECK(json["content"][1]["value"] == "<p>Hallo</p>");
  CHECK(json["categories"][0] == "PAYMENT_FAILED");
  CHECK(json["custom_args"]["message_id"] == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(json["custom_args"]["attempt"] == "3");
  CHECK_FALSE(json.HasMember("headers"));
  CHECK_FALSE(json.HasMember("attachments"));
}

TEST_CASE("sendgrid request: links are not rewritten and no unsubscribe footer is added, whatever the account says") {
  const auto json = body_of(message());
  CHECK_FALSE(json["tracking_settings"]["click_tracking"]["enable"].GetBool());
  CHECK_FALSE(json["tracking_settings"]["click_tracking"]["enable_text"].GetBool());
  CHECK_FALSE(json["tracking_settings"]["subscription_tracking"]["enable"].GetBool());
}

TEST_CASE("sendgrid request: attachments in base64 with the bare type, unsubscribe headers by name") {
  OutboundMessage out = message();
  out.attachments = {{"März.csv", "text/csv; charset=utf-8", std::make_shared<std::string>("a;b\n")}};
  out.unsubscribe_url = "https://c.example/u/1";
  const auto json = body_of(out);
  REQUIRE(json["attachments"].Size() == 1);
  const auto& file = json["attachments"][0];
  CHECK(file["filename"] == "März.csv");
  CHECK(file["type"] == "text/csv");
  CHECK(file["content"] == "YTtiCg==");
  CHECK(file["disposition"] == "attachment");
  CHECK(json["headers"]["List-Unsubscribe"] == "<https://c.example/u/1>");
  CHECK(json["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click");
}

TEST_CASE("sendgrid settings: what is missing is named, defaults, bad values") {
  CHECK(read({}).missing() == "SENDGRID_API_KEY, EMAIL_SENDER");
  CHECK(read({{"SENDGRID_API_KEY", "SG.x"}, {"EMAIL_SENDER", "a@example.com"}}).missing().empty());
  CHECK(read({}).base_url == "https://api.sendgrid.com");
  CHECK(read({{"SENDGRID_BASE_URL", "https://api.eu.sendgrid.com/"}}).base_url == "https://api.eu.sendgrid.com");
  CHECK(read({}).concurrency == 32);
  CHECK(read({}).rate_per_second == 0);
  CHECK_THROWS_WITH(read({{"SENDGRID_API_KEY", "a\r\nX-Evil: 1"}}), Catch::Matchers::Contains("SENDGRID_API_KEY"));
}

}  // namespace
