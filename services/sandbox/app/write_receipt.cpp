#include "sandbox/app/write_receipt.hpp"

#include "http/url.hpp"
#include "sandbox/core/provider_id.hpp"
#include "sandbox/core/receipt_bodies.hpp"
#include "security/webhooks/postmark_access.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/sns_signature.hpp"
#include "security/webhooks/twilio_signature.hpp"

namespace carillon::sandbox {
namespace {

namespace webhooks = security::webhooks;

constexpr std::chrono::hours old_by{24};
constexpr std::string_view wrong = "-forged";  // behind a secret or a content, makes another of it

WebhookRequest postmark_request(const Parcel& parcel, UtcTime now) {
  WebhookRequest out{parcel.url, {{"Content-Type", "application/json"}, {"User-Agent", "Postmark"}}, ""};
  out.body = postmark_receipt(*parcel.facts, parcel.events.front(), now);
  std::string password = parcel.password;
  if (parcel.forge == Forgery::SIGNATURE) password += wrong;
  if (!parcel.user.empty()) out.headers.emplace_back("Authorization", webhooks::sign_postmark({parcel.user, password}));
  return out;
}

WebhookRequest sendgrid_request(std::span<const Parcel* const> parcels, const ReceiptKeys& keys, UtcTime now) {
  const Parcel& first = *parcels.front();
  WebhookRequest out{first.url, {{"Content-Type", "application/json"}, {"User-Agent", "SendGrid Event API"}}, "["};
  for (const Parcel* parcel : parcels) {
    for (const ReceiptEvent event : parcel->events) {
      if (out.body.size() > 1) out.body += ",\r\n";
      out.body += sendgrid_event(*parcel->facts, event, now);
    }
  }
  out.body += "]\r\n";  // SendGrid's body ends so, and the line break is signed
  const UtcTime signed_at = first.forge == Forgery::OLD ? now - old_by : now;
  const std::string timestamp = std::to_string(unix_micros(signed_at) / 1'000'000);
  const std::string content = first.forge == Forgery::SIGNATURE ? out.body + std::string(wrong) : out.body;
  out.headers.emplace_back("X-Twilio-Email-Event-Webhook-Signature", keys.sendgrid().sign(timestamp, content));
  out.headers.emplace_back("X-Twilio-Email-Event-Webhook-Timestamp", timestamp);
  return out;
}

webhooks::SnsMessage sns_message(const Parcel& parcel, UtcTime now) {
  webhooks::SnsMessage message;
  message.topic_arn = parcel.forge == Forgery::OTHER_TOPIC ? other_topic : receipts_topic;
  message.timestamp = aws_time(parcel.forge == Forgery::OLD ? now - old_by : now);
  message.signature_version = std::to_string(parcel.signature_version);
  if (parcel.facts == nullptr) {
    message.type = webhooks::sns_subscription_confirmation;
    message.message_id = uuid_form(parcel.confirmation_token);
    message.token = parcel.confirmation_token;
    message.message = "You have chosen to subscribe to the topic " + message.topic_arn +
                      ".\nTo confirm the subscription, visit the SubscribeURL included in this message.";
    message.subscribe_url = std::string(sns_origin) +
                            "/?Action=ConfirmSubscription&TopicArn=" + http::percent_encoded(message.topic_arn) +
                            "&Token=" + message.token;
    return message;
  }
  const std::string_view word = event_word(ProviderName::SES, parcel.events.front());
  message.type = webhooks::sns_notification;
  message.message_id = uuid_form(event_digits(*parcel.facts, word));
  message.message = ses_event(*parcel.facts, parcel.events.front(), now);
  if (!parcel.facts->configuration_set.empty()) message.subject = "Amazon SES Email Event Notification";
  return message;
}

WebhookRequest ses_request(const Parcel& parcel, const ReceiptKeys& keys, UtcTime now) {
  webhooks::SnsMessage message = sns_message(parcel, now);
  message.signing_cert_url = std::string(sns_origin) + keys.leaf_path();
  if (parcel.forge == Forgery::SIGNATURE) {
    webhooks::SnsMessage other = message;
    other.message += wrong;
    message.signature = keys.sns().sign(std::move(other)).signature;
  } else {
    message = keys.sns().sign(std::move(message));
  }
  WebhookRequest out{parcel.url,
                     {{"Content-Type", "text/plain; charset=UTF-8"},
                      {"User-Agent", "Amazon Simple Notification Service Agent"},
                      {"x-amz-sns-message-type", message.type},
                      {"x-amz-sns-message-id", message.message_id},
                      {"x-amz-sns-topic-arn", message.topic_arn}},
                     webhooks::sns_json(message)};
  if (parcel.facts != nullptr) out.headers.emplace_back("x-amz-sns-subscription-arn", subscription_arn());
  return out;
}

WebhookRequest twilio_request(const Parcel& parcel, UtcTime now) {
  const auto form = twilio_callback(*parcel.facts, parcel.events.front(), now);
  std::string token = parcel.password;
  if (parcel.forge == Forgery::SIGNATURE) token += wrong;
  const std::string_view word = event_word(ProviderName::TWILIO, parcel.events.front());
  return {parcel.url,
          {{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
           {"User-Agent", "TwilioProxy/1.1"},
           {"I-Twilio-Idempotency-Token", uuid_form(event_digits(*parcel.facts, word))},
           {"X-Twilio-Signature", webhooks::sign_twilio(parcel.url, form, token)}},
          http::form_encoded(form)};
}

}  // namespace

WebhookRequest write_receipt(std::span<const Parcel* const> parcels, const ReceiptKeys& keys, UtcTime now) {
  const Parcel& first = *parcels.front();
  switch (first.provider) {
    case ProviderName::SENDGRID:
      return sendgrid_request(parcels, keys, now);
    case ProviderName::SES:
      return ses_request(first, keys, now);
    case ProviderName::TWILIO:
      return twilio_request(first, now);
    default:
      return postmark_request(first, now);
  }
}

}  // namespace carillon::sandbox
