#include "security/webhooks/sendgrid_signature.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "security/digest.hpp"
#include "security/webhooks/openssl_pointers.hpp"

namespace carillon::security::webhooks {
namespace {

constexpr std::string_view curve_name = "prime256v1";  // OpenSSL's name of P-256

Failure invalid_key(const char* why) {
  return {"INVALID_KEY", std::string("the key of SendGrid's event webhook ") + why};
}

bool is_on_p256(const EVP_PKEY* key) {
  char name[32];
  std::size_t size = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, name, sizeof name, &size) == 1 &&
         std::string_view(name, size) == curve_name;
}

std::string signed_content(std::string_view timestamp, std::string_view body) {
  std::string content(timestamp);
  return content.append(body);
}

}  // namespace

Result<SendGridKey> SendGridKey::from_base64(std::string_view text) {
  if (text.size() > sendgrid_key_chars_max) return invalid_key("is too long");
  bool is_base64 = false;
  const std::string der = security::from_base64(text, is_base64);
  if (!is_base64 || der.empty()) return invalid_key("must be base64, as SendGrid shows it");
  const ErrorsDropped errors;
  const unsigned char* at = bytes_of(der);
  KeyPointer key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (!key || at != bytes_of(der) + der.size()) return invalid_key("must be a DER SubjectPublicKeyInfo");
  if (!is_on_p256(key.get())) return invalid_key("must be on the curve P-256");
  return SendGridKey(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

Verdict verify_sendgrid(std::string_view signature, std::string_view timestamp, std::string_view body,
                        std::span<const SendGridKey> keys, UtcTime now, std::chrono::seconds tolerance) {
  if (keys.empty()) return Verdict::NOT_CONFIGURED;
  if (signature.empty() || timestamp.empty()) return Verdict::MISSING;
  if (signature.size() > sendgrid_signature_chars_max) return Verdict::MALFORMED;
  const auto signed_at = parse_unix_seconds(timestamp);
  bool is_base64 = false;
  const std::string der = from_base64(signature, is_base64);
  if (!signed_at || !is_base64) return Verdict::MALFORMED;
  const std::string content = signed_content(timestamp, body);
  for (const SendGridKey& key : keys) {
    if (verified_with(key.key_.get(), EVP_sha256(), content, der)) {
      return judge_time(*signed_at, now, tolerance, tolerance);
    }
  }
  return Verdict::MISMATCH;
}

SendGridSigner SendGridSigner::generate() {
  KeyPointer key(EVP_EC_gen(curve_name.data()));
  require(key != nullptr, "make a key on P-256");
  return SendGridSigner(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

Result<SendGridSigner> SendGridSigner::from_pem(std::string_view pem) {
  KeyPointer key = private_key_from_pem(pem);
  if (!key) return invalid_key("must be a private key as PEM");
  if (!is_on_p256(key.get())) return invalid_key("must be on the curve P-256");
  return SendGridSigner(std::shared_ptr<EVP_PKEY>(std::move(key)));
}

std::string SendGridSigner::public_key() const {
  const BioPointer der = writing();
  require(i2d_PUBKEY_bio(der.get(), key_.get()) == 1, "write a public key");
  return base64(written(der));
}

std::string SendGridSigner::sign(std::string_view timestamp, std::string_view body) const {
  return base64(sign_with(key_.get(), EVP_sha256(), signed_content(timestamp, body)));
}

}  // namespace carillon::security::webhooks
