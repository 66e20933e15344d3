// Webhook calls as the providers make them, and the settings they are checked with.
#pragma once
#include <string>

#include "http/message.hpp"
#include "provider-dispatcher/adapters/receipts/settings.hpp"
#include "security/webhooks/sendgrid_signature.hpp"
#include "security/webhooks/twilio_signature.hpp"
#include "world.hpp"

namespace carillon::dispatcher::testing {

inline const std::string postmark_path = "/api/webhooks/postmark?token=secret-token";

inline ReceiptSettings postmark_settings() {
  ReceiptSettings settings;
  settings.postmark_tokens = {"secret-token"};
  return settings;
}

inline std::string metadata_json(const std::string& message_id, int attempt) {
  return R"("Metadata":{"message_id":")" + message_id + R"(","attempt":")" + std::to_string(attempt) + "\"}";
}

inline std::string postmark_delivery(const std::string& message_id, int attempt, UtcTime at) {
  return R"({"RecordType":"Delivery","ServerID":23,"MessageStream":"outbound","MessageID":"pm-1","Recipient":"ann@example.com",)"
         R"("Tag":"PAYMENT_FAILED","DeliveredAt":")" +
         to_rfc3339(at) + R"(","Details":"250 2.0.0 OK",)" + metadata_json(message_id, attempt) + "}";
}

inline std::string postmark_bounce(const std::string& message_id, int attempt, UtcTime at,
                                   const std::string& type = "HardBounce") {
  return R"({"RecordType":"Bounce","ID":42,"Type":")" + type +
         R"(","TypeCode":1,"Name":"Hard bounce","MessageID":"pm-1","ServerID":23,"MessageStream":"outbound",)"
         R"("Description":"The server was unable to deliver your message","Details":"smtp;550 5.1.1 <ann@example.com> unknown",)"
         R"("Email":"ann@example.com","From":"bell@example.com","BouncedAt":")" +
         to_rfc3339(at) + R"(","DumpAvailable":true,"Inactive":true,"CanActivate":true,"Subject":"Payment failed",)" +
         metadata_json(message_id, attempt) + "}";
}

inline std::string sendgrid_events(const std::string& message_id, const std::string& event, UtcTime at) {
  return R"([{"email":"ann@example.com","timestamp":)" + std::to_string(security::webhooks::unix_seconds(at)) +
         R"(,"smtp-id":"<14c5d75ce93.dfd@ismtpd-555>","event":")" + event +
         R"(","sg_event_id":"ZGVsaXZlcmVkLTA","sg_message_id":"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",)"
         R"("reason":"550 unknown","status":"5.1.1","message_id":")" +
         message_id + R"(","attempt":"1"}])";
}

// As event publishing does it when the call had tags, as an identity's notifications do it when `message_id` is "".
inline std::string ses_delivery(const std::string& ses_id, const std::string& message_id, UtcTime at) {
  const std::string tags =
      message_id.empty() ? "" : R"(,"tags":{"message_id":[")" + message_id + R"("],"attempt":["1"]})";
  const std::string type = message_id.empty() ? "notificationType" : "eventType";
  return "{\"" + type + R"(":"Delivery","mail":{"timestamp":")" + to_rfc3339(at) + R"(","messageId":")" + ses_id +
         R"(","source":"bell@example.com","destination":["ann@example.com"])" + tags +
         R"(},"delivery":{"timestamp":")" + to_rfc3339(at) +
         R"(","processingTimeMillis":546,"recipients":["ann@example.com"],"smtpResponse":"250 ok","reportingMTA":"a8-70.smtp-out.amazonses.com"}})";
}

inline std::string ses_bounce(const std::string& ses_id, UtcTime at) {
  return R"({"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":)"
         R"([{"emailAddress":"ann@example.com","status":"5.1.1","action":"failed","diagnosticCode":"smtp; 550 5.1.1 <ann@example.com>"}],"timestamp":")" +
         to_rfc3339(at) + R"("},"mail":{"timestamp":")" + to_rfc3339(at) + R"(","messageId":")" + ses_id +
         R"(","destination":["ann@example.com"]}})";
}

}  // namespace carillon::dispatcher::testing
