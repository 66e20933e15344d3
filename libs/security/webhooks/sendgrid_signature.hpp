// SendGrid's signed event webhook: X-Twilio-Email-Event-Webhook-Signature is base64 of the DER form of an ECDSA
// signature (P-256, SHA-256) over X-Twilio-Email-Event-Webhook-Timestamp followed by the raw body. Source:
// twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features.
// Pure, thread-safe.
#pragma once
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "security/webhooks/verdict.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace carillon::security::webhooks {

inline constexpr std::size_t sendgrid_signature_chars_max = 128;  // 72 bytes of DER are 96 characters
inline constexpr std::size_t sendgrid_key_chars_max = 256;        // 91 bytes of DER are 124 characters

// The verification key of one webhook. Copies share the key.
class SendGridKey {
 public:
  // base64 of DER SubjectPublicKeyInfo, as the settings page and GET /v3/user/webhooks/event/settings/signed show it.
  // Failure INVALID_KEY for anything else, and for a key that is not on P-256.
  static Result<SendGridKey> from_base64(std::string_view text);

 private:
  friend Verdict verify_sendgrid(std::string_view, std::string_view, std::string_view, std::span<const SendGridKey>,
                                 UtcTime, std::chrono::seconds);
  explicit SendGridKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// `signature`, `timestamp`: the two headers. VALID when one of the keys (several while one is replaced) made the
// signature and the timestamp is within the tolerance of `now`, both ways. SendGrid names no tolerance, and repeats
// refused events for 24 hours without saying whether it signs them anew; events carry sg_event_id against repeats.
[[nodiscard]] Verdict verify_sendgrid(std::string_view signature, std::string_view timestamp, std::string_view body,
                                      std::span<const SendGridKey> keys, UtcTime now, std::chrono::seconds tolerance);

// SendGrid's side, for the sandbox and tests. Copies share the key.
class SendGridSigner {
 public:
  static SendGridSigner generate();
  static Result<SendGridSigner> from_pem(std::string_view pem);  // a private key on P-256; Failure INVALID_KEY

  std::string public_key() const;  // what SendGridKey::from_base64 reads
  // The header with the signature; `timestamp` is the other header.
  std::string sign(std::string_view timestamp, std::string_view body) const;

 private:
  explicit SendGridSigner(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace carillon::security::webhooks
