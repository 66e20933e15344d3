#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/postmark/client.hpp"
#include "provider-dispatcher/adapters/providers/twilio/client.hpp"
#include "provider-dispatcher/adapters/receipts/settings.hpp"

namespace {

using namespace carillon::dispatcher;

const carillon::UtcTime now = *carillon::from_rfc3339("2026-01-31T12:00:00Z");

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

TEST_CASE("postmark request: all fields, metadata with message_id and attempt, no line break in the subject") {
  PostmarkSettings settings;
  settings.message_stream = "outbound";
  settings.identity.sender = {"Carillon", "bell@example.com"};
  settings.identity.reply_to = {"", "help@example.com"};
  rapidjson::Document json;
  json.Parse(postmark::request_body(settings, message()).c_str());
  REQUIRE(json.IsObject());
  CHECK(json["From"] == "Carillon <bell@example.com>");
  CHECK(json["To"] == "ann@example.com");
  CHECK(json["ReplyTo"] == "help@example.com");
  CHECK(json["Subject"] == "Größe  Bcc: eve@example.com");
  CHECK(json["TextBody"] == "Hallo 🔔 \"x\"\n");
  CHECK(json["HtmlBody"] == "<p>Hallo</p>");
  CHECK(json["MessageStream"] == "outbound");
  CHECK(json["Tag"] == "PAYMENT_FAILED");
  CHECK(json["Metadata"]["message_id"] == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(json["Metadata"]["attempt"] == "3");
}

TwilioSettings twilio_settings() {
  TwilioSettings settings;
  settings.messaging_service_sid = "MG1";
  settings.phone_number = "+15005550006";
  return settings;
}

OutboundMessage sms() {
  OutboundMessage out = message();
  out.recipient = "+447700900123";
  out.text = "5 % & ü";
  return out;
}

TEST_CASE("twilio request: the client's own number goes before the service, the service before the number") {
  TwilioSettings settings = twilio_settings();
  OutboundMessage out = sms();
  CHECK(twilio::request_body(settings, out, now) ==
        "To=%2B447700900123&MessagingServiceSid=MG1&Body=5%20%25%20%26%20%C3%BC");
  out.from_number = "+447700900456";
  CHECK(twilio::request_body(settings, out, now) ==
        "To=%2B447700900123&From=%2B447700900456&Body=5%20%25%20%26%20%C3%BC");
  out.from_number.clear();
  settings.messaging_service_sid.clear();
  CHECK(twilio::request_body(settings, out, now) ==
        "To=%2B447700900123&From=%2B15005550006&Body=5%20%25%20%26%20%C3%BC");
}

TEST_CASE("twilio request: ValidityPeriod is what is left until expiry, 1 to 36000 s") {
  OutboundMessage out = sms();
  const auto period = [&](std::chrono::milliseconds left) {
    out.expires_at = now + left;
    const std::string body = twilio::request_body(twilio_settings(), out, now);
    return body.substr(body.find("ValidityPeriod="));
  };
  CHECK(period(std::chrono::milliseconds{599'999}) == "ValidityPeriod=599");
  CHECK(period(std::chrono::milliseconds{10}) == "ValidityPeriod=1");
  CHECK(period(std::chrono::hours{20}) == "ValidityPeriod=36000");
}

TEST_CASE("twilio request: StatusCallback carries message_id and attempt, and only when asked for") {
  TwilioSettings settings = twilio_settings();
  CHECK(twilio::request_body(settings, sms(), now).find("StatusCallback") == std::string::npos);
  settings.status_callback_url = "https://c.example/api/webhooks/twilio/status";
  CHECK(twilio::request_body(settings, sms(), now)
            .find("StatusCallback=https%3A%2F%2Fc.example%2Fapi%2Fwebhooks%2Ftwilio%2Fstatus%3Fmessage_id%3D01890a5d-"
                  "ac96-774b-bcce-b302099a8057%26attempt%3D3%23rc%3D5%26rp%3D5xx%2Cct%2Crt") != std::string::npos);
  settings.status_callback_url = "https://c.example/s?k=1";
  CHECK(twilio::request_body(settings, sms(), now).find("%3Fk%3D1%26message_id%3D") != std::string::npos);
}

TEST_CASE("twilio request: with CARILLON_PUBLIC_URL alone receipts are asked for, where they are believed") {
  carillon::service::Settings environment(
      carillon::service::Environment{{"CARILLON_PUBLIC_URL", "https://c.example/"}});
  const std::string body = twilio::request_body(TwilioSettings::read(environment), sms(), now);
  CHECK(body.find("StatusCallback=https%3A%2F%2Fc.example%2Fapi%2Fwebhooks%2Ftwilio%2Fstatus%3Fmessage_id%3D") !=
        std::string::npos);
  CHECK(ReceiptSettings::read(environment).twilio_status_url == "https://c.example/api/webhooks/twilio/status");
}

}  // namespace
