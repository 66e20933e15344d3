// What SNS posts to an HTTPS subscription, and the text that its signature covers. Source: docs.aws.amazon.com/sns/
// latest/dg/sns-message-and-json-formats.html and sns-verify-signature-of-message-verify-message-signature.html.
// Raw message delivery, which has no signature, is not for here. Pure, thread-safe.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "values/result.hpp"

namespace carillon::security::webhooks {

inline constexpr std::size_t sns_body_bytes_max = 1024 * 1024;  // a message is 256 KiB at most, before JSON's escapes
inline constexpr std::size_t sns_field_bytes_max = 4 * 1024;    // each field but `message`

inline constexpr std::string_view sns_notification = "Notification";
inline constexpr std::string_view sns_subscription_confirmation = "SubscriptionConfirmation";
inline constexpr std::string_view sns_unsubscribe_confirmation = "UnsubscribeConfirmation";

struct SnsMessage {
  std::string type;  // one of the three words above
  std::string message_id;
  std::string topic_arn;
  std::optional<std::string> subject;  // notifications only, and not all
  std::string message;
  std::string timestamp;          // as sent: "2026-03-06T19:53:21.424Z"
  std::string token;              // confirmations only
  std::string subscribe_url;      // confirmations only; not checked here, see is_sns_url
  std::string signature_version;  // "1" or "2"
  std::string signature;          // base64
  std::string signing_cert_url;
};

// Failure MALFORMED: not JSON, no such type, a field that the type needs is missing or too long, or a control character
// in another field than `message`. The last rule is what makes the signed text unambiguous: fields are separated by
// line feeds, and without it the end of a signed message could be read as fields of its own. Members that are not
// listed above are not signed and not read.
Result<SnsMessage> parse_sns_message(std::string_view json);

// SNS's side, for the sandbox and tests: the members that the type has.
std::string sns_json(const SnsMessage& message);

// Names and values in alphabetical order of the names, each ended by a line feed. Both confirmations have the same.
std::string sns_signed_text(const SnsMessage& message);

}  // namespace carillon::security::webhooks
