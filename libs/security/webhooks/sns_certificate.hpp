// The certificate that SNS signs its messages with, and whom to trust about it. AWS serves the leaf certificate alone,
// without that of its issuer ("Amazon RSA 2048 M01" and its like), which no system's trust store has. So a first check
// says MISSING_ISSUER; the caller fetches issuer_url(), adds it by with_issuer and checks again. Names as in AWS's SDK
// for Java 2.x (sns-message-manager), which unlike this checks no chain. All of it is thread-safe; copies share.
#pragma once
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "security/webhooks/sns_url.hpp"
#include "security/webhooks/verdict.hpp"
#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::security::webhooks {

inline constexpr std::size_t certificates_bytes_max = 64 * 1024;  // of one PEM text
inline constexpr std::size_t chain_certificates_max = 8;          // leaf and issuers
inline constexpr std::size_t root_certificates_max = 64;

// Root certificates.
class TrustStore {
 public:
  // OpenSSL's default places (Debian: package ca-certificates; SSL_CERT_FILE and SSL_CERT_DIR override them). The file
  // is read here, the folder during checks. Nothing there: every check says MISSING_ISSUER. Failure NO_TRUST_STORE.
  static Result<TrustStore> system();
  static Result<TrustStore> from_pem(std::string_view roots);  // Failure BAD_CERTIFICATE

 private:
  friend class SigningCertificate;
  struct State;
  explicit TrustStore(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// Parsed once, kept for many messages.
class SigningCertificate {
 public:
  // PEM: the leaf, then any issuers. Failure BAD_CERTIFICATE: none, too many, too long, or the leaf's key is not RSA.
  static Result<SigningCertificate> from_pem(std::string_view pem);

  // Where the issuer of the last certificate of the chain can be fetched (authority information access, RFC 5280,
  // 4.2.2.1): http://crt.<name>.amazontrust.com/<file>. "" when the certificate names no such place. Plain http is what
  // it says and enough: what comes from there is trusted only if a root vouches for it.
  std::string issuer_url() const;
  // The same with one more issuer. Failure BAD_CERTIFICATE: not one certificate, or the chain is full.
  Result<SigningCertificate> with_issuer(std::string_view der_or_pem) const;

  // Chain to a root of `trust`, all of it valid at `now`, for TLS servers (which is what these are issued for), keys of
  // 112 bits of security at least, and issued to SNS in that region: sns.amazonaws.com, sns.<region>.<domain>,
  // sns-<region>.<domain> or sns-signing.<region>.<domain>. Revocation is not asked for.
  [[nodiscard]] Verdict check(const SnsEndpoint& endpoint, const TrustStore& trust, UtcTime now) const;

  // RSA PKCS #1 v1.5 with SHA-1 (version "1") or SHA-256 ("2"). MALFORMED for another version.
  [[nodiscard]] Verdict verify(std::string_view version, std::string_view text, std::string_view signature) const;

 private:
  struct State;
  explicit SigningCertificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

}  // namespace carillon::security::webhooks
