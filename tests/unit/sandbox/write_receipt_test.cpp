// Receipts as requests, judged by the same checks that the receiving side uses.
#include <catch2/catch.hpp>

#include <rapidjson/document.h>

#include "http/url.hpp"
#include "sandbox/app/write_receipt.hpp"
#include "sandbox/core/receipt_bodies.hpp"
#include "security/webhooks/postmark_access.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/sns_signature.hpp"
#include "security/webhooks/twilio_signature.hpp"
#include "time/testing/manual_clock.hpp"

namespace {

using namespace carillon::sandbox;
using carillon::security::webhooks::Verdict;
namespace webhooks = carillon::security::webhooks;
namespace http = carillon::http;

constexpr std::chrono::seconds tolerance{300};
const carillon::UtcTime now = carillon::from_unix_micros(1'790'000'000'123'456);

// Made once: its keys take time.
const ReceiptKeys& keys() {
  static carillon::testing::ManualClock clock{now};
  static const ReceiptKeys made(clock);
  return made;
}

ReceiptFacts facts() {
  ReceiptFacts out;
  out.number = 7;
  out.id = "the-id";
  out.recipient = "ann@example.com";
  out.sender = "Bell <bell@example.com>";
  out.subject = "Hi";
  out.template_key = "ORDER_STATUS";
  out.tags = {{"message_id", "m1"}, {"attempt", "2"}};
  out.accepted_at_us = carillon::unix_micros(now) - 300'000;
  return out;
}

Parcel parcel(ProviderName provider, std::vector<ReceiptEvent> events, ReceiptFacts about = facts()) {
  Parcel out;
  out.provider = provider;
  out.url = "http://127.0.0.1:8080/hook?message_id=m1";
  out.facts = std::make_shared<const ReceiptFacts>(std::move(about));
  out.events = std::move(events);
  return out;
}

WebhookRequest written(const Parcel& parcel) {
  const Parcel* const one[] = {&parcel};
  return write_receipt(one, keys(), now);
}

rapidjson::Document json(const std::string& body) {
  rapidjson::Document out;
  out.Parse(body.c_str());
  REQUIRE_FALSE(out.HasParseError());
  return out;
}

std::string text(const rapidjson::Value& object, const char* name) {
  REQUIRE(object.IsObject());
  INFO(name);
  REQUIRE(object.HasMember(name));
  return object[name].IsString() ? object[name].GetString() : std::to_string(object[name].GetInt64());
}

TEST_CASE("postmark receipts: the members that its webhooks have, and the user of the URL") {
  Parcel mail = parcel(ProviderName::POSTMARK, {ReceiptEvent::DELIVERED});
  CHECK(http::field(written(mail).headers, "Authorization").empty());
  mail.user = "u";
  mail.password = "p";
  const WebhookRequest request = written(mail);
  const webhooks::PostmarkUser user[] = {{"u", "p"}};
  CHECK(webhooks::verify_postmark_user(http::field(request.headers, "Authorization"), user) == Verdict::VALID);
  const auto body = json(request.body);
  CHECK(text(body, "RecordType") == "Delivery");
  CHECK(text(body, "Recipient") == "ann@example.com");
  CHECK(text(body, "MessageID") == "the-id");
  CHECK(text(body, "Tag") == "ORDER_STATUS");
  CHECK(text(body, "MessageStream") == "outbound");
  CHECK(text(body, "DeliveredAt").substr(0, 11) == "2026-09-21T");
  CHECK(text(body["Metadata"], "message_id") == "m1");
  CHECK(text(body["Metadata"], "attempt") == "2");

  mail.forge = Forgery::SIGNATURE;
  CHECK(webhooks::verify_postmark_user(http::field(written(mail).headers, "Authorization"), user) == Verdict::MISMATCH);
}

TEST_CASE("postmark receipts: bounces and complaints tell who became inactive, an unsubscribe who is suppressed") {
  const auto body = [](ReceiptEvent event) { return json(written(parcel(ProviderName::POSTMARK, {event})).body); };
  const auto hard = body(ReceiptEvent::HARD_BOUNCE), soft = body(ReceiptEvent::SOFT_BOUNCE),
             complaint = body(ReceiptEvent::COMPLAINT), unsubscribe = body(ReceiptEvent::UNSUBSCRIBE);
  CHECK(text(hard, "RecordType") == "Bounce");
  CHECK(text(hard, "Type") == "HardBounce");
  CHECK(text(hard, "TypeCode") == "1");
  CHECK(text(hard, "Email") == "ann@example.com");
  CHECK(text(hard, "From") == "bell@example.com");
  CHECK(text(hard, "ID") == "7");
  CHECK(hard["Inactive"].GetBool());
  CHECK(text(soft, "Type") == "SoftBounce");
  CHECK(text(soft, "TypeCode") == "4096");
  CHECK_FALSE(soft["Inactive"].GetBool());
  CHECK(text(complaint, "RecordType") == "SpamComplaint");
  CHECK(text(complaint, "TypeCode") == "512");
  CHECK(text(unsubscribe, "RecordType") == "SubscriptionChange");
  CHECK(unsubscribe["SuppressSending"].GetBool());
  CHECK(text(unsubscribe["Metadata"], "message_id") == "m1");
}

Verdict sendgrid_verdict(const WebhookRequest& request) {
  const auto key = webhooks::SendGridKey::from_base64(keys().sendgrid().public_key());
  REQUIRE(key);
  return webhooks::verify_sendgrid(http::field(request.headers, "X-Twilio-Email-Event-Webhook-Signature"),
                                   http::field(request.headers, "X-Twilio-Email-Event-Webhook-Timestamp"), request.body,
                                   std::span(&*key, 1), now, tolerance);
}

TEST_CASE("sendgrid receipts: events of several messages in one signed array, custom args as members") {
  ReceiptFacts other = facts();
  other.id = "other-id";
  const Parcel first = parcel(ProviderName::SENDGRID, {ReceiptEvent::PROCESSED, ReceiptEvent::DELIVERED}),
               second = parcel(ProviderName::SENDGRID, {ReceiptEvent::HARD_BOUNCE}, other);
  const Parcel* const both[] = {&first, &second};
  const WebhookRequest request = write_receipt(both, keys(), now);
  CHECK(sendgrid_verdict(request) == Verdict::VALID);
  const auto body = json(request.body);
  REQUIRE(body.IsArray());
  REQUIRE(body.Size() == 3);
  CHECK(text(body[0], "event") == "processed");
  CHECK(text(body[1], "event") == "delivered");
  CHECK(text(body[1], "response") == "250 2.0.0 OK");
  CHECK(text(body[1], "timestamp") == "1790000000");
  CHECK(text(body[1], "email") == "ann@example.com");
  CHECK(text(body[1], "sg_message_id").find("the-id.") == 0);
  CHECK(text(body[1], "message_id") == "m1");
  CHECK(text(body[1], "attempt") == "2");
  CHECK(text(body[1], "category") == "ORDER_STATUS");
  CHECK(text(body[2], "event") == "bounce");
  CHECK(text(body[2], "type") == "bounce");
  CHECK(text(body[2], "status") == "5.1.1");
  CHECK(text(body[0], "sg_event_id") != text(body[1], "sg_event_id"));
  CHECK(written(first).body == written(first).body);
}

TEST_CASE("sendgrid receipts: a soft bounce is a block, a drop has its reason; forged ones are told") {
  const std::string soft = written(parcel(ProviderName::SENDGRID, {ReceiptEvent::SOFT_BOUNCE})).body;
  CHECK(soft.find(R"("type":"blocked")") != std::string::npos);
  CHECK(written(parcel(ProviderName::SENDGRID, {ReceiptEvent::DROPPED})).body.find(R"("reason":"Bounced Address")") !=
        std::string::npos);
  CHECK(written(parcel(ProviderName::SENDGRID, {ReceiptEvent::COMPLAINT})).body.find(R"("event":"spamreport")") !=
        std::string::npos);
  Parcel forged = parcel(ProviderName::SENDGRID, {ReceiptEvent::DELIVERED});
  forged.forge = Forgery::SIGNATURE;
  CHECK(sendgrid_verdict(written(forged)) == Verdict::MISMATCH);
  forged.forge = Forgery::OLD;
  CHECK(sendgrid_verdict(written(forged)) == Verdict::TOO_OLD);
}

TEST_CASE("twilio receipts: the form of a status callback, signed over the whole URL with the call's token") {
  ReceiptFacts sms = facts();
  sms.recipient = "+447700900123";
  sms.sender = "+15005550006";
  sms.account = "AC1";
  Parcel callback = parcel(ProviderName::TWILIO, {ReceiptEvent::UNDELIVERED}, sms);
  callback.password = "token";
  const std::string token[] = {"token"};
  const auto verdict = [&](const WebhookRequest& request) {
    const auto form = http::parse_form(request.body);
    REQUIRE(form);
    const std::vector<webhooks::FormField> fields(form->begin(), form->end());
    return webhooks::verify_twilio(http::field(request.headers, "X-Twilio-Signature"),
                                   {request.url, fields, request.body}, token);
  };
  const WebhookRequest request = written(callback);
  CHECK(verdict(request) == Verdict::VALID);
  const auto form = *http::parse_form(request.body);
  CHECK(form.at("MessageSid") == "the-id");
  CHECK(form.at("MessageStatus") == "undelivered");
  CHECK(form.at("ErrorCode") == "30005");
  CHECK(form.at("AccountSid") == "AC1");
  CHECK(form.at("To") == "+447700900123");
  CHECK(form.at("From") == "+15005550006");
  CHECK(form.count("MessagingServiceSid") == 0);
  callback.events = {ReceiptEvent::DELIVERED};
  const auto delivered = *http::parse_form(written(callback).body);
  CHECK(delivered.count("ErrorCode") == 0);
  CHECK(delivered.at("RawDlrDoneDate") == "2609211413");
  callback.forge = Forgery::SIGNATURE;
  CHECK(verdict(written(callback)) == Verdict::MISMATCH);
}

struct Sns {
  webhooks::SnsMessage message;
  Verdict verdict;
};

// As a receiver does it: with the leaf from the sandbox, its issuer fetched, and the root as a setting.
Sns checked(const WebhookRequest& request) {
  auto message = webhooks::parse_sns_message(request.body);
  REQUIRE(message);
  const auto certificate = webhooks::SigningCertificate::from_pem(keys().leaf());
  const auto trust = webhooks::TrustStore::from_pem(keys().root());
  REQUIRE(certificate);
  REQUIRE(trust);
  const webhooks::SnsPolicy policy{{std::string(receipts_topic)}};
  const Verdict without_issuer = webhooks::verify_sns(*message, *certificate, policy, *trust, now);
  if (without_issuer != Verdict::MISSING_ISSUER) return {*message, without_issuer};
  CHECK(certificate->issuer_url() == std::string(issuer_origin) + std::string(issuer_path));
  const auto whole = certificate->with_issuer(keys().intermediate_der());
  REQUIRE(whole);
  return {*message, webhooks::verify_sns(*message, *whole, policy, *trust, now)};
}

TEST_CASE("ses receipts: a notification that SNS could have signed, in both versions") {
  Parcel mail = parcel(ProviderName::SES, {ReceiptEvent::DELIVERED});
  mail.signature_version = GENERATE(1, 2);
  const WebhookRequest request = written(mail);
  const Sns sns = checked(request);
  CHECK(sns.verdict == Verdict::VALID);
  CHECK(sns.message.signature_version == std::to_string(mail.signature_version));
  CHECK(sns.message.signing_cert_url == std::string(sns_origin) + keys().leaf_path());
  CHECK(http::field(request.headers, "x-amz-sns-message-type") == "Notification");
  CHECK(http::field(request.headers, "x-amz-sns-message-id") == sns.message.message_id);
  const auto body = json(sns.message.message);
  CHECK(text(body, "notificationType") == "Delivery");
  CHECK(text(body["mail"], "messageId") == "the-id");
  CHECK(body["mail"]["destination"][0].GetString() == std::string("ann@example.com"));
  CHECK(body["delivery"]["processingTimeMillis"].GetInt() == 300);
  CHECK_FALSE(body["mail"].HasMember("tags"));
  CHECK_FALSE(sns.message.subject);
}

TEST_CASE("ses receipts: with a configuration set they are events with tags, and have a subject") {
  ReceiptFacts tagged = facts();
  tagged.configuration_set = "set";
  const Sns sns = checked(written(parcel(ProviderName::SES, {ReceiptEvent::COMPLAINT}, tagged)));
  CHECK(sns.verdict == Verdict::VALID);
  CHECK(sns.message.subject == "Amazon SES Email Event Notification");
  const auto body = json(sns.message.message);
  CHECK(text(body, "eventType") == "Complaint");
  CHECK(text(body["complaint"], "complaintFeedbackType") == "abuse");
  CHECK(body["mail"]["tags"]["message_id"][0].GetString() == std::string("m1"));
  CHECK(body["mail"]["tags"]["ses:configuration-set"][0].GetString() == std::string("set"));
}

TEST_CASE("ses receipts: bounces are permanent or transient; the same event has the same message id") {
  const auto bounce = [](ReceiptEvent event) { return checked(written(parcel(ProviderName::SES, {event}))).message; };
  const auto hard = json(bounce(ReceiptEvent::HARD_BOUNCE).message),
             soft = json(bounce(ReceiptEvent::SOFT_BOUNCE).message);
  CHECK(text(hard["bounce"], "bounceType") == "Permanent");
  CHECK(text(hard["bounce"]["bouncedRecipients"][0], "emailAddress") == "ann@example.com");
  CHECK(text(hard["bounce"], "timestamp") == "2026-09-21T14:13:20.123Z");
  CHECK(text(soft["bounce"], "bounceType") == "Transient");
  CHECK(bounce(ReceiptEvent::DELIVERED).message_id == bounce(ReceiptEvent::DELIVERED).message_id);
  CHECK(bounce(ReceiptEvent::DELIVERED).message_id != bounce(ReceiptEvent::COMPLAINT).message_id);
}

TEST_CASE("ses receipts: a confirmation is signed too, and forged messages are told for what they are") {
  Parcel confirmation;
  confirmation.provider = ProviderName::SES;
  confirmation.confirmation_token = std::string(32, 'a');
  const Sns asked = checked(written(confirmation));
  CHECK(asked.verdict == Verdict::VALID);
  CHECK(asked.message.type == webhooks::sns_subscription_confirmation);
  CHECK(asked.message.token == confirmation.confirmation_token);
  CHECK(asked.message.subscribe_url.find(std::string(sns_origin) + "/?Action=ConfirmSubscription&TopicArn=arn%3Aaws") ==
        0);

  Parcel mail = parcel(ProviderName::SES, {ReceiptEvent::DELIVERED});
  mail.forge = Forgery::SIGNATURE;
  CHECK(checked(written(mail)).verdict == Verdict::MISMATCH);
  mail.forge = Forgery::OLD;
  CHECK(checked(written(mail)).verdict == Verdict::TOO_OLD);
  mail.forge = Forgery::OTHER_TOPIC;
  CHECK(checked(written(mail)).verdict == Verdict::WRONG_TOPIC);
}

TEST_CASE("receipt keys: the public key of SendGrid is shown as PEM too") {
  const std::string pem = keys().sendgrid_public_pem();
  CHECK(pem.find("-----BEGIN PUBLIC KEY-----\n") == 0);
  std::string packed = pem.substr(27, pem.find("\n-----END") - 27);
  std::erase(packed, '\n');
  CHECK(packed == keys().sendgrid().public_key());
}

}  // namespace
