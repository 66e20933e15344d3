#include <catch2/catch.hpp>

#include "http/url.hpp"
#include "provider-dispatcher/adapters/providers/sns/client.hpp"

namespace {

using namespace carillon::dispatcher;
using Form = std::map<std::string, std::string>;
namespace http = carillon::http;

OutboundMessage sms() {
  OutboundMessage out;
  out.message_id = "01890a5d-ac96-774b-bcce-b302099a8057";
  out.recipient = "+447700900123";
  out.text = "5 % & ü";
  return out;
}

Form form_of(const SnsSettings& settings, const OutboundMessage& message) {
  const auto form = http::parse_form(sns::request_body(settings, message));
  REQUIRE(form);
  return *form;
}

const Form plain{{"Action", "Publish"},
                 {"Version", "2010-03-31"},
                 {"PhoneNumber", "+447700900123"},
                 {"Message", "5 % & ü"},
                 {"MessageAttributes.entry.1.Name", "AWS.SNS.SMS.SMSType"},
                 {"MessageAttributes.entry.1.Value.DataType", "String"},
                 {"MessageAttributes.entry.1.Value.StringValue", "Transactional"}};

Form with_attribute(const std::string& name, const std::string& value) {
  Form form = plain;
  form["MessageAttributes.entry.2.Name"] = name;
  form["MessageAttributes.entry.2.Value.DataType"] = "String";
  form["MessageAttributes.entry.2.Value.StringValue"] = value;
  return form;
}

TEST_CASE("sns request: number, text and type of the SMS") {
  CHECK(form_of({}, sms()) == plain);
  SnsSettings promotional;
  promotional.sms_type = "Promotional";
  CHECK(form_of(promotional, sms()).at("MessageAttributes.entry.1.Value.StringValue") == "Promotional");
}

TEST_CASE("sns request: the client's own number goes before the sender id, never both") {
  SnsSettings settings;
  settings.sender_id = "Carillon";
  OutboundMessage message = sms();
  CHECK(form_of(settings, message) == with_attribute("AWS.SNS.SMS.SenderID", "Carillon"));
  message.from_number = "+447700900456";
  CHECK(form_of(settings, message) == with_attribute("AWS.MM.SMS.OriginationNumber", "+447700900456"));
}

TEST_CASE("sns client: it needs credentials, and says what is missing") {
  http::Runtime io;
  http::Client client(io);
  aws::AwsSettings keys;
  keys.access_key_id = "AKID";
  const SnsClient half({}, std::make_shared<const aws::SignedCalls>(keys, client, io));
  CHECK_FALSE(half.configured());
  CHECK(half.missing_settings() == "AWS_SECRET_ACCESS_KEY");
  keys.secret_access_key = "secret";
  CHECK(SnsClient({}, std::make_shared<const aws::SignedCalls>(keys, client, io)).configured());
}

}  // namespace
