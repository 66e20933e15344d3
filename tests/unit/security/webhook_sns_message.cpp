#include "security/webhooks/sns_message.hpp"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "security/webhooks/sns_url.hpp"

namespace carillon::security::webhooks {
namespace {

SnsMessage notification() {
  return {.type = "Notification",
          .message_id = "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
          .topic_arn = "arn:aws:sns:us-west-2:123456789012:MyTopic",
          .subject = "My First Message",
          .message = "Hello world!",
          .timestamp = "2012-05-02T00:54:06.655Z",
          .signature_version = "1",
          .signature = "RVhBTVBMRQ==",
          .signing_cert_url = "https://sns.us-west-2.amazonaws.com/SimpleNotificationService-f3ecfb72.pem"};
}

SnsMessage confirmation(const std::string& type) {
  SnsMessage message = notification();
  message.type = type;
  message.subject.reset();
  message.token = "2336412f37";
  message.subscribe_url = "https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37";
  return message;
}

std::string without(const std::string& json, const std::string& name) {
  const auto at = json.find("\"" + name + "\"");
  REQUIRE(at != std::string::npos);
  std::string out = json;
  out[at + 1] = '_';
  return out;
}

// Text as people and machines write it, with all that a JSON text must escape.
std::string any_text() {
  static const std::vector<std::string> pieces{"a",  "Z9", " ", "\n", "\r\n",       "\t", "\"",
                                               "\\", "/",  "é", "€",  "\U0001F514", "{}", "\nMessageId\n"};
  std::string text;
  for (const auto& piece : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(pieces))) text += piece;
  return text;
}

TEST_CASE("sns message: a notification is signed over its fields in alphabetical order") {
  SnsMessage message = notification();
  CHECK(sns_signed_text(message) ==
        "Message\nHello world!\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nSubject\nMy First Message\n"
        "Timestamp\n2012-05-02T00:54:06.655Z\nTopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\n"
        "Type\nNotification\n");
  message.subject.reset();
  CHECK(sns_signed_text(message) ==
        "Message\nHello world!\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\n"
        "Timestamp\n2012-05-02T00:54:06.655Z\nTopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\n"
        "Type\nNotification\n");
}

TEST_CASE("sns message: both confirmations are signed with token and URL, without subject") {
  for (const std::string type : {"SubscriptionConfirmation", "UnsubscribeConfirmation"}) {
    SnsMessage message = confirmation(type);
    message.subject = "not signed";
    CHECK(sns_signed_text(message) ==
          "Message\nHello world!\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\n"
          "SubscribeURL\nhttps://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37\n"
          "Timestamp\n2012-05-02T00:54:06.655Z\nToken\n2336412f37\n"
          "TopicArn\narn:aws:sns:us-west-2:123456789012:MyTopic\nType\n" +
              type + "\n");
  }
}

TEST_CASE("sns message: what is written is read back, whatever the text") {
  CHECK(rc::check([] {
    SnsMessage message = *rc::gen::arbitrary<bool>() ? notification() : confirmation("SubscriptionConfirmation");
    message.message = any_text();
    const auto read = parse_sns_message(sns_json(message));
    RC_ASSERT(read.ok());
    RC_ASSERT(sns_signed_text(*read) == sns_signed_text(message));
    RC_ASSERT(read->signature == message.signature);
    RC_ASSERT(read->signing_cert_url == message.signing_cert_url);
  }));
}

TEST_CASE("sns message: escapes are undone before anything is compared") {
  std::string json = sns_json(notification());
  json.replace(json.find("Hello world!"), 12, "\\u0048ello \\ud83d\\udd14\\n\\\"\\/");
  CHECK(parse_sns_message(json).value().message == "Hello \U0001F514\n\"/");
}

TEST_CASE("sns message: a subject of null is none") {
  std::string json = sns_json(notification());
  const std::string subject = "\"My First Message\"";
  json.replace(json.find(subject), subject.size(), "null");
  CHECK_FALSE(parse_sns_message(json).value().subject.has_value());
}

TEST_CASE("sns message: each field that its type needs must be there, as text") {
  const std::string json = sns_json(notification()), confirming = sns_json(confirmation("UnsubscribeConfirmation"));
  for (const std::string name :
       {"Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL"}) {
    CAPTURE(name);
    CHECK(parse_sns_message(without(json, name)).error().code == "MALFORMED");
    CHECK(parse_sns_message(without(confirming, name)).error().code == "MALFORMED");
  }
  CHECK(parse_sns_message(without(confirming, "Token")).error().code == "MALFORMED");
  CHECK(parse_sns_message(without(confirming, "SubscribeURL")).error().code == "MALFORMED");
  CHECK(parse_sns_message(without(json, "Subject")).ok());
  std::string number = json;
  number.replace(number.find("\"1\""), 3, "1");
  CHECK(parse_sns_message(number).error().code == "MALFORMED");
}

TEST_CASE("sns message: what is no such message is malformed") {
  SnsMessage other = notification();
  other.type = "Raw";
  for (const std::string& text :
       {std::string(), std::string("null"), std::string("[]"), std::string("{}"), std::string("{"),
        std::string("Type=Notification"), sns_json(other), sns_json(notification()) + "x", std::string(500'000, '['),
        "{\"a\":" + std::string(500'000, '[')}) {
    CHECK(parse_sns_message(text).error().code == "MALFORMED");
  }
}

TEST_CASE("sns message: bytes that are not UTF-8 and lone surrogates are malformed") {
  for (const std::string bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\\ud800", "\\udc00x"}) {
    std::string json = sns_json(notification());
    json.replace(json.find("Hello"), 5, bad);
    CHECK(parse_sns_message(json).error().code == "MALFORMED");
  }
}

TEST_CASE("sns message: only the message may hold line feeds, or its end could pass for other fields") {
  // The same signed text as a message whose text ends in "\nMessageId\nfalse".
  SnsMessage honest = notification(), forged = notification();
  honest.subject.reset();
  honest.message = "text\nMessageId\nfalse";
  forged.message = "text";
  forged.message_id = "false\nMessageId\n" + honest.message_id;
  forged.subject.reset();
  REQUIRE(sns_signed_text(honest) == sns_signed_text(forged));
  CHECK(parse_sns_message(sns_json(honest)).ok());
  CHECK(parse_sns_message(sns_json(forged)).error().code == "MALFORMED");
  SnsMessage with_subject = notification();
  with_subject.subject = "a\nb";
  CHECK(parse_sns_message(sns_json(with_subject)).error().code == "MALFORMED");
}

TEST_CASE("sns message: fields and the whole are bounded") {
  SnsMessage message = notification();
  message.subject = std::string(sns_field_bytes_max, 'x');
  CHECK(parse_sns_message(sns_json(message)).ok());
  message.subject->push_back('x');
  CHECK(parse_sns_message(sns_json(message)).error().code == "MALFORMED");
  message = notification();
  message.message_id = std::string(sns_field_bytes_max + 1, 'x');
  CHECK(parse_sns_message(sns_json(message)).error().code == "MALFORMED");
  message = notification();
  message.message = "";
  message.message = std::string(sns_body_bytes_max - sns_json(message).size(), 'x');
  CHECK(parse_sns_message(sns_json(message)).ok());
  message.message.push_back('x');
  CHECK(parse_sns_message(sns_json(message)).error().code == "MALFORMED");
}

TEST_CASE("sns url: the hosts of SNS, by region") {
  const auto endpoint =
      signing_certificate_endpoint("https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem");
  REQUIRE(endpoint);
  CHECK(endpoint->region == "eu-west-1");
  CHECK(endpoint->domain == "amazonaws.com");
  CHECK(signing_certificate_endpoint("https://sns.cn-north-1.amazonaws.com.cn/a.pem")->domain == "amazonaws.com.cn");
  CHECK(is_sns_url("https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=1"));
}

TEST_CASE("sns url: it is of the topic's region, or not") {
  const std::string url = "https://sns.eu-west-1.amazonaws.com/a.pem";
  CHECK(is_of_topic_region(url, "arn:aws:sns:eu-west-1:123456789012:ses-events"));
  CHECK(is_of_topic_region("https://sns.cn-north-1.amazonaws.com.cn/a.pem", "arn:aws-cn:sns:cn-north-1:1:a"));
  for (const char* topic : {"arn:aws:sns:eu-west-2:123456789012:ses-events", "arn:aws:sns:eu-west", "arn:aws:sns:", "",
                            "arn:aws:sns:eu-west-11:1:a", "eu-west-1", ":::"}) {
    INFO(topic);
    CHECK_FALSE(is_of_topic_region(url, topic));
  }
  CHECK_FALSE(is_of_topic_region("https://evil.example/a.pem", "arn:aws:sns:eu-west-1:1:a"));
}

TEST_CASE("sns url: any other place is refused") {
  for (const std::string& url :
       {std::string("http://sns.eu-west-1.amazonaws.com/a.pem"),
        std::string("HTTPS://sns.eu-west-1.amazonaws.com/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com:443/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com:8443/a.pem"),
        std::string("https://x@sns.eu-west-1.amazonaws.com/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com@evil.example/a.pem"),
        std::string("https://evil.example/sns.eu-west-1.amazonaws.com/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com.evil.example/a.pem"),
        std::string("https://sns.eu-west-1.evilamazonaws.com/a.pem"),
        std::string("https://evil.sns.eu-west-1.amazonaws.com/a.pem"),
        std::string("https://sns.a.b.amazonaws.com/a.pem"),
        std::string("https://sns.amazonaws.com/a.pem"),
        std::string("https://sns..amazonaws.com/a.pem"),
        std::string("https://sns.eu.amazonaws.com/a.pem"),
        std::string("https://sns.EU-WEST-1.amazonaws.com/a.pem"),
        std::string("https://sns.eu_west_1.amazonaws.com/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com./a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com\\@evil.example/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com\t/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com/a b.pem"),
        std::string("https://s3.eu-west-1.amazonaws.com/a.pem"),
        std::string("https://sns.eu-west-1.amazonaws.com\0/a.pem", 42),
        std::string("https://sns.eu-west-1.amazonaws.com/") + std::string(sns_url_bytes_max, 'a'),
        std::string("sns.eu-west-1.amazonaws.com/a.pem"),
        std::string("https://"),
        std::string()}) {
    CAPTURE(url);
    CHECK_FALSE(sns_endpoint(url));
    CHECK_FALSE(signing_certificate_endpoint(url));
  }
}

TEST_CASE("sns url: a certificate is a path ending in .pem, without query or fragment") {
  const std::string host = "https://sns.eu-west-1.amazonaws.com";
  CHECK(signing_certificate_endpoint(host + "/a/b.pem"));
  for (const std::string path : {"", "/", "/a.PEM", "/a.pem/", "/a.pem?", "/a?b=.pem", "?.pem", "/a#.pem", "/a.pem#"}) {
    CAPTURE(path);
    CHECK_FALSE(signing_certificate_endpoint(host + path));
  }
}

}  // namespace
}  // namespace carillon::security::webhooks
