#include "security/webhooks/sns_signature.hpp"

#include <algorithm>
#include <stdexcept>

#include "security/digest.hpp"
#include "security/webhooks/openssl_pointers.hpp"

namespace carillon::security::webhooks {
namespace {

bool is_known_version(const std::string& version) {
  return version == "1" || version == "2";
}

}  // namespace

Verdict screen_sns(const SnsMessage& message, const SnsPolicy& policy, UtcTime now) {
  if (policy.topic_arns.empty()) return Verdict::NOT_CONFIGURED;
  const auto& topics = policy.topic_arns;
  if (std::find(topics.begin(), topics.end(), message.topic_arn) == topics.end()) return Verdict::WRONG_TOPIC;
  const auto published_at = from_rfc3339(message.timestamp);
  bool is_base64 = false;
  from_base64(message.signature, is_base64);
  if (!published_at || !is_base64 || !is_known_version(message.signature_version)) return Verdict::MALFORMED;
  const bool at_sns = signing_certificate_endpoint(message.signing_cert_url).has_value();
  if (!at_sns || !is_of_topic_region(message.signing_cert_url, message.topic_arn)) return Verdict::BAD_CERTIFICATE_URL;
  return judge_time(*published_at, now, policy.age_max, policy.ahead_max);
}

Verdict verify_sns(const SnsMessage& message, const SigningCertificate& certificate, const SnsPolicy& policy,
                   const TrustStore& trust, UtcTime now) {
  const Verdict screened = screen_sns(message, policy, now);
  if (screened != Verdict::VALID) return screened;
  const auto endpoint = signing_certificate_endpoint(message.signing_cert_url);
  if (!endpoint) return Verdict::BAD_CERTIFICATE_URL;
  const Verdict trusted = certificate.check(*endpoint, trust, now);
  if (trusted != Verdict::VALID) return trusted;
  bool is_base64 = false;
  const std::string signature = from_base64(message.signature, is_base64);
  return certificate.verify(message.signature_version, sns_signed_text(message), signature);
}

Result<SnsSigner> SnsSigner::from_pem(std::string_view pem) {
  KeyPointer key = private_key_from_pem(pem);
  if (!key || EVP_PKEY_is_a(key.get(), "RSA") != 1) {
    return Failure{"INVALID_KEY", "the signing key of SNS must be an RSA private key as PEM"};
  }
  return SnsSigner(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

SnsMessage SnsSigner::sign(SnsMessage message) const {
  if (!is_known_version(message.signature_version)) throw std::invalid_argument("SNS has signature versions 1 and 2");
  const EVP_MD* const digest = message.signature_version == "1" ? EVP_sha1() : EVP_sha256();
  message.signature = base64(sign_with(key_.get(), digest, sns_signed_text(message)));
  return message;
}

}  // namespace carillon::security::webhooks
