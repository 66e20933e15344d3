// Whether a message that was posted to us comes from SNS. Source: docs.aws.amazon.com/sns/latest/dg/
// sns-verify-signature-of-message.html. The caller fetches certificates and keeps them; nothing is fetched here.
//
//   auto message = parse_sns_message(body);
//   if (screen_sns(*message, policy, now) != VALID) refuse;           // before anything is fetched for a stranger
//   … certificate of message->signing_cert_url, fetched or kept …
//   verdict = verify_sns(*message, certificate, policy, trust, now);  // MISSING_ISSUER: fetch issuer_url(), once more
//
// Pure, thread-safe.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "security/webhooks/sns_certificate.hpp"
#include "security/webhooks/sns_message.hpp"
#include "security/webhooks/verdict.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace carillon::security::webhooks {

// SNS repeats a delivery for at most an hour (docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html) and
// keeps the message's time, which is that of its publication.
inline constexpr std::chrono::seconds sns_age_max = std::chrono::hours{1};
inline constexpr std::chrono::seconds sns_ahead_max = std::chrono::minutes{5};

struct SnsPolicy {
  std::vector<std::string> topic_arns;  // ours, compared as they are; anybody with an AWS account can make SNS sign
  std::chrono::seconds age_max = sns_age_max;
  std::chrono::seconds ahead_max = sns_ahead_max;
};

// All that can be said without the certificate: NOT_CONFIGURED (no topics), WRONG_TOPIC, MALFORMED (version, time or
// signature), TOO_OLD, TOO_NEW, BAD_CERTIFICATE_URL, or VALID.
[[nodiscard]] Verdict screen_sns(const SnsMessage& message, const SnsPolicy& policy, UtcTime now);

// screen_sns, then the certificate, then the signature.
[[nodiscard]] Verdict verify_sns(const SnsMessage& message, const SigningCertificate& certificate,
                                 const SnsPolicy& policy, const TrustStore& trust, UtcTime now);

// SNS's side, for the sandbox and tests. Copies share the key.
class SnsSigner {
 public:
  static Result<SnsSigner> from_pem(std::string_view pem);  // an RSA private key; Failure INVALID_KEY
  // The message with `signature` set by its signature_version. Throws std::invalid_argument for another version.
  SnsMessage sign(SnsMessage message) const;

 private:
  explicit SnsSigner(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace carillon::security::webhooks
