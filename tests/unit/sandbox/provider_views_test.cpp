#include <catch2/catch.hpp>

#include "sandbox/core/message_view.hpp"
#include "security/digest.hpp"

namespace {

using namespace carillon::sandbox;

StoredMessage stored(ProviderName provider, std::string raw, std::string envelope = "") {
  return {1, provider, 5, std::move(raw), std::move(envelope), {}};
}

std::string header(const MessageView& view, std::string_view name) {
  for (const auto& [key, value] : view.headers) {
    if (key == name) return value;
  }
  return "(none)";
}

TEST_CASE("message view: SES") {
  const MessageView view = view_of(stored(ProviderName::SES, R"({
    "FromEmailAddress":"Bell <b@x.de>","Destination":{"ToAddresses":["a@x.de"]},"ReplyToAddresses":["r@x.de"],
    "Content":{"Simple":{"Subject":{"Data":"s","Charset":"UTF-8"},
      "Body":{"Text":{"Data":"t"},"Html":{"Data":"h"}},"Headers":[{"Name":"List-Unsubscribe","Value":"<https://x/u>"}]}},
    "EmailTags":[{"Name":"message_id","Value":"m"},{"Name":"attempt","Value":"2"}],"ConfigurationSetName":"c"})"));
  CHECK(view.to == "a@x.de");
  CHECK(view.from == "Bell <b@x.de>");
  CHECK(view.subject == "s");
  CHECK(view.text == "t");
  CHECK(view.html == "h");
  CHECK(view.message_id == "m");
  CHECK(view.attempt == 2);
  CHECK(header(view, "List-Unsubscribe") == "<https://x/u>");
  CHECK(header(view, "ConfigurationSetName") == "c");
  CHECK(header(view, "ReplyTo") == "r@x.de");
}

TEST_CASE("message view: SendGrid") {
  const MessageView view = view_of(stored(ProviderName::SENDGRID, R"({
    "personalizations":[{"to":[{"email":"a@x.de"}]}],"from":{"email":"b@x.de","name":"Bell"},"subject":"s",
    "content":[{"type":"text/plain","value":"t"},{"type":"text/html","value":"h"}],"categories":["KEY"],
    "custom_args":{"message_id":"m","attempt":"3"},"headers":{"List-Unsubscribe":"<https://x/u>"}})"));
  CHECK(view.to == "a@x.de");
  CHECK(view.from == "Bell <b@x.de>");
  CHECK(view.subject == "s");
  CHECK(view.text == "t");
  CHECK(view.html == "h");
  CHECK(view.message_id == "m");
  CHECK(view.attempt == 3);
  CHECK(view.template_key == "KEY");
  CHECK(header(view, "List-Unsubscribe") == "<https://x/u>");
}

TEST_CASE("message view: SNS and Slack, whose message id is in headers") {
  const MessageView sms = view_of(stored(
      ProviderName::SNS,
      "Action=Publish&Version=2010-03-31&PhoneNumber=%2B447700900123&Message=hi&"
      "MessageAttributes.entry.1.Name=AWS.SNS.SMS.SMSType&MessageAttributes.entry.1.Value.DataType=String&"
      "MessageAttributes.entry.1.Value.StringValue=Transactional&MessageAttributes.entry.2.Name=AWS.SNS.SMS.SenderID&"
      "MessageAttributes.entry.2.Value.DataType=String&MessageAttributes.entry.2.Value.StringValue=Bell",
      "m\n2"));
  CHECK(sms.message_id == "m");
  CHECK(sms.attempt == 2);
  CHECK(sms.to == "+447700900123");
  CHECK(sms.text == "hi");
  CHECK(sms.from == "Bell");
  CHECK(header(sms, "AWS.SNS.SMS.SMSType") == "Transactional");
  const MessageView slack = view_of(stored(ProviderName::SLACK, R"({"text":"*s*\n\nm","username":"Carillon"})",
                                           "https://hooks.slack.com/services/T/B/x\nm\n3"));
  CHECK(slack.message_id == "m");
  CHECK(slack.attempt == 3);
  CHECK(slack.to == "https://hooks.slack.com/services/T/B/x");
  CHECK(slack.text == "*s*\n\nm");
  CHECK(slack.from == "Carillon");
}

TEST_CASE("message view: whatever is stored is shown as far as it goes") {
  const ProviderName provider =
      GENERATE(ProviderName::SES, ProviderName::SENDGRID, ProviderName::SNS, ProviderName::SLACK);
  for (const char* raw : {"", "[]", "{", R"({"Destination":[],"Content":{"Simple":7},"EmailTags":{}})",
                          R"({"personalizations":{},"from":[],"content":[7],"custom_args":[],"headers":7})",
                          R"({"personalizations":[7],"to":1,"attachments":7,"categories":[{}]})"}) {
    INFO(raw);
    const StoredMessage message = stored(provider, raw);
    CHECK(view_of(message).to.empty());
    CHECK(attachments_of(message).empty());
  }
}

TEST_CASE("attachments: each e-mail provider's are listed with type, size and hash") {
  const std::string bytes("%PDF\0\xFF", 6), base64 = carillon::security::base64(bytes);
  const auto raw = GENERATE_COPY(
      stored(ProviderName::POSTMARK,
             R"({"Attachments":[{"Name":"ü.pdf","ContentType":"application/pdf","Content":")" + base64 + R"("}]})"),
      stored(
          ProviderName::SES,
          R"({"Content":{"Simple":{"Attachments":[{"FileName":"ü.pdf","ContentType":"application/pdf","RawContent":")" +
              base64 + R"("}]}}})"),
      stored(ProviderName::SENDGRID,
             R"({"attachments":[{"filename":"ü.pdf","type":"application/pdf","content":")" + base64 + R"("}]})"),
      stored(ProviderName::SMTP,
             "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\n"
             "Content-Type: application/pdf\r\nContent-Disposition: attachment;\r\n filename*=UTF-8''%C3%BC.pdf\r\n"
             "Content-Transfer-Encoding: base64\r\n\r\n" +
                 base64 + "\r\n--b--\r\n",
             "f@x.de\na@x.de"));
  const auto files = attachments_of(raw);
  REQUIRE(files.size() == 1);
  CHECK(files[0].file_name == "ü.pdf");
  CHECK(files[0].content_type == "application/pdf");
  CHECK(files[0].content == bytes);
  const std::string json = to_json(view_of(raw), files, {{"Delivery", 0, 200}});
  CHECK(json.find(R"("attachments":[{"file_name":"ü.pdf","content_type":"application/pdf","bytes":6,"sha256":")" +
                  carillon::security::hex(carillon::security::sha256(bytes)) + "\"}]") != std::string::npos);
  CHECK(json.find(R"("receipts":[{"kind":"Delivery","sent_at":"1970-01-01T00:00:00.000000Z","status":200}])") !=
        std::string::npos);
}

TEST_CASE("attachments: no more than the bound are listed, and no text message has any") {
  std::string raw = R"({"attachments":[)";
  for (std::size_t i = 0; i < attachments_max + 5; ++i)
    raw += std::string(i == 0 ? "" : ",") + R"({"filename":"a","content":""})";
  CHECK(attachments_of(stored(ProviderName::SENDGRID, raw + "]}")).size() == attachments_max);
  CHECK(attachments_of(stored(ProviderName::TWILIO, "Body=hi")).empty());
}

}  // namespace
