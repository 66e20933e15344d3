#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "provider-dispatcher/adapters/providers/ses/client.hpp"
#include "security/digest.hpp"

namespace {

using namespace carillon::dispatcher;
namespace http = carillon::http;

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

SesSettings settings() {
  SesSettings out;
  out.identity.sender = {"Carillon", "bell@example.com"};
  out.identity.reply_to = {"", "help@example.com"};
  return out;
}

rapidjson::Document body(const SesSettings& from, const OutboundMessage& of) {
  rapidjson::Document json;
  json.Parse(ses::request_body(from, of).c_str());
  REQUIRE(json.IsObject());
  return json;
}

TEST_CASE("ses request: all fields, tags with message_id and attempt, no line break in the subject") {
  SesSettings with_set = settings();
  with_set.configuration_set = "events";
  const auto json = body(with_set, message());
  CHECK(json["FromEmailAddress"] == "Carillon <bell@example.com>");
  REQUIRE(json["Destination"]["ToAddresses"].Size() == 1);
  CHECK(json["Destination"]["ToAddresses"][0] == "ann@example.com");
  CHECK(json["ReplyToAddresses"][0] == "help@example.com");
  const auto& simple = json["Content"]["Simple"];
  CHECK(simple["Subject"]["Data"] == "Größe  Bcc: eve@example.com");
  CHECK(simple["Subject"]["Charset"] == "UTF-8");
  CHECK(simple["Body"]["Text"]["Data"] == "Hallo 🔔 \"x\"\n");
  CHECK(simple["Body"]["Text"]["Charset"] == "UTF-8");
  CHECK(simple["Body"]["Html"]["Data"] == "<p>Hallo</p>");
  CHECK_FALSE(simple.HasMember("Headers"));
  CHECK_FALSE(simple.HasMember("Attachments"));
  REQUIRE(json["EmailTags"].Size() == 2);
  CHECK(json["EmailTags"][0]["Name"] == "message_id");
  CHECK(json["EmailTags"][0]["Value"] == "01890a5d-ac96-774b-bcce-b302099a8057");
  CHECK(json["EmailTags"][1]["Name"] == "attempt");
  CHECK(json["EmailTags"][1]["Value"] == "3");
  CHECK(json["ConfigurationSetName"] == "events");
}

TEST_CASE("ses request: what is not set is left out") {
  SesSettings bare = settings();
  bare.identity.reply_to = {};
  OutboundMessage text_only = message();
  text_only.html.clear();
  const auto json = body(bare, text_only);
  CHECK_FALSE(json.HasMember("ReplyToAddresses"));
  CHECK_FALSE(json.HasMember("ConfigurationSetName"));
  CHECK_FALSE(json["Content"]["Simple"]["Body"].HasMember("Html"));
  OutboundMessage html_only = message();
  html_only.text.clear();
  CHECK_FALSE(body(bare, html_only)["Content"]["Simple"]["Body"].HasMember("Text"));
}

TEST_CASE("ses request: a display name beyond ASCII is encoded on one line") {
  SesSettings named = settings();
  named.identity.sender = {"Glöckchen und ein sehr langer Name, der nicht in ein Wort paßt", "bell@example.com"};
  const auto json = body(named, message());
  const std::string from = json["FromEmailAddress"].GetString();
  CHECK(from.substr(0, 10) == "=?UTF-8?B?");
  CHECK(from.find_first_of("\r\n") == std::string::npos);
  CHECK(from.find("?= <bell@example.com>") != std::string::npos);
}

TEST_CASE("ses request: an attachment travels as base64, with a type that SES takes") {
  OutboundMessage with_file = message();
  with_file.attachments = {{"Übersicht.pdf", "application/pdf", std::make_shared<std::string>("%PDF\0\xff", 6)},
                           {"a/b", "x/" + std::string(80, 'y'), nullptr}};
  const auto json = body(settings(), with_file);
  const auto& files = json["Content"]["Simple"]["Attachments"];
  REQUIRE(files.Size() == 2);
  CHECK(files[0]["FileName"] == "Übersicht.pdf");
  CHECK(files[0]["ContentType"] == "application/pdf");
  CHECK(files[0]["ContentDisposition"] == "ATTACHMENT");
  CHECK(files[0]["ContentTransferEncoding"] == "BASE64");
  bool ok = false;
  CHECK(carillon::security::from_base64(files[0]["RawContent"].GetString(), ok) == std::string("%PDF\0\xff", 6));
  CHECK(ok);
  CHECK(files[1]["FileName"] == "a_b");
  CHECK(files[1]["ContentType"] == "application/octet-stream");
  CHECK(files[1]["RawContent"] == "");
}

TEST_CASE("ses request: an unsubscribe URL becomes the two headers of RFC 8058") {
  OutboundMessage marketing = message();
  marketing.unsubscribe_url = "https://c.example/u?t=1";
  const auto json = body(settings(), marketing);
  const auto& headers = json["Content"]["Simple"]["Headers"];
  REQUIRE(headers.Size() == 2);
  CHECK(headers[0]["Name"] == "List-Unsubscribe");
  CHECK(headers[0]["Value"] == "<https://c.example/u?t=1>");
  CHECK(headers[1]["Name"] == "List-Unsubscribe-Post");
  CHECK(headers[1]["Value"] == "List-Unsubscribe=One-Click");
}

TEST_CASE("ses request: a tag holds only what SES allows in one") {
  OutboundMessage odd = message();
  odd.message_id = "a b\r\nä";
  CHECK(body(settings(), odd)["EmailTags"][0]["Value"] == "a_b____");
}

TEST_CASE("ses client: it needs EMAIL_SENDER and credentials, and says what is missing") {
  http::Runtime io;
  http::Client client(io);
  const auto missing = [&](const SesSettings& ses, const aws::AwsSettings& amazon) {
    const SesClient provider(ses, std::make_shared<const aws::SignedCalls>(amazon, client, io));
    CHECK(provider.configured() == provider.missing_settings().empty());
    return provider.missing_settings();
  };
  aws::AwsSettings keys;
  keys.access_key_id = "AKID";
  keys.secret_access_key = "secret";
  CHECK(missing(settings(), keys).empty());
  CHECK(missing({}, keys) == "EMAIL_SENDER");
  CHECK(missing(settings(), {}) == "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source of AWS credentials");
  CHECK(missing({}, {}).substr(0, 14) == "EMAIL_SENDER, ");
}

TEST_CASE("ses client: the endpoint is the region's unless another is set") {
  aws::AwsSettings amazon;
  amazon.region = "eu-west-1";
  SesSettings ses = settings();
  CHECK(ses::base_url(ses, amazon) == "https://email.eu-west-1.amazonaws.com");
  ses.base_url = "http://127.0.0.1:1";
  CHECK(ses::base_url(ses, amazon) == "http://127.0.0.1:1");
}

}  // namespace
