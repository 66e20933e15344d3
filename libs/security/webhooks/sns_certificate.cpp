#include "security/webhooks/sns_certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <vector>

#include "security/webhooks/openssl_pointers.hpp"

namespace carillon::security::webhooks {
namespace {

constexpr int security_level = 2;  // OpenSSL's: 112 bits, so RSA of 2048 bits; no SHA-1 inside the chain
constexpr int rsa_bits_max = 8192;
constexpr std::string_view issuer_host_start = "http://crt.";
constexpr std::string_view issuer_domain = ".amazontrust.com/";

Failure bad_certificate(const char* why) {
  return {"BAD_CERTIFICATE", std::string("certificate: ") + why};
}

// Empty when the text holds none, one that can't be read, or too many.
std::vector<CertificatePointer> read_certificates(std::string_view pem, std::size_t count_max) {
  std::vector<CertificatePointer> found;
  if (pem.size() > certificates_bytes_max) return found;
  const ErrorsDropped errors;
  const BioPointer bio = reading(pem);
  while (CertificatePointer certificate{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)}) {
    if (found.size() == count_max) return {};
    found.push_back(std::move(certificate));
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) found.clear();  // ended before the text's end
  return found;
}

CertificatePointer read_der(std::string_view der) {
  if (der.size() > certificates_bytes_max) return nullptr;
  const ErrorsDropped errors;
  const unsigned char* at = bytes_of(der);
  CertificatePointer certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  return at == bytes_of(der) + der.size() ? std::move(certificate) : nullptr;
}

Verdict verdict_of(int error) {
  switch (error) {
    case X509_V_OK:
      return Verdict::VALID;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return Verdict::EXPIRED_CERTIFICATE;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return Verdict::MISSING_ISSUER;
    default:
      return Verdict::UNTRUSTED_CERTIFICATE;
  }
}

std::vector<std::string> names_of_sns(const SnsEndpoint& endpoint) {
  const auto& [region, domain] = endpoint;
  std::vector<std::string> names{"sns." + region + "." + domain, "sns-" + region + "." + domain,
                                 "sns-signing." + region + "." + domain};
  if (domain == "amazonaws.com") names.emplace_back("sns.amazonaws.com");
  if (region.starts_with("us-gov-")) names.emplace_back("sns-us-gov-west-1.amazonaws.com");  // signs for both
  return names;
}

bool is_issued_to_sns(X509* certificate, const SnsEndpoint& endpoint) {
  constexpr unsigned flags = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
  for (const std::string& name : names_of_sns(endpoint)) {
    if (X509_check_host(certificate, name.data(), name.size(), flags, nullptr) == 1) return true;
  }
  return false;
}

bool is_issuer_url(std::string_view url) {
  if (!url.starts_with(issuer_host_start)) return false;
  url.remove_prefix(issuer_host_start.size());
  const auto is_letter_or_digit = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto label =
      static_cast<std::size_t>(std::find_if_not(url.begin(), url.end(), is_letter_or_digit) - url.begin());
  url.remove_prefix(label);
  if (label == 0 || !url.starts_with(issuer_domain)) return false;
  url.remove_prefix(issuer_domain.size());
  return !url.empty() && std::all_of(url.begin(), url.end(), [&](char c) { return is_letter_or_digit(c) || c == '.'; });
}

struct FreeDescriptions {
  void operator()(AUTHORITY_INFO_ACCESS* access) const { AUTHORITY_INFO_ACCESS_free(access); }
};

std::string_view uri_of(const ACCESS_DESCRIPTION* description) {
  if (OBJ_obj2nid(description->method) != NID_ad_ca_issuers || description->location->type != GEN_URI) return {};
  const ASN1_IA5STRING* const uri = description->location->d.uniformResourceIdentifier;
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)), static_cast<std::size_t>(ASN1_STRING_length(uri))};
}

}  // namespace

struct TrustStore::State {
  StorePointer store{X509_STORE_new()};
};

Result<TrustStore> TrustStore::system() {
  const ErrorsDropped errors;
  auto state = std::make_shared<State>();
  require(state->store != nullptr, "make a trust store");
  if (X509_STORE_set_default_paths(state->store.get()) != 1) {
    return Failure{"NO_TRUST_STORE", "the system's root certificates can't be read; install ca-certificates"};
  }
  return TrustStore(std::move(state));
}

Result<TrustStore> TrustStore::from_pem(std::string_view roots) {
  const auto certificates = read_certificates(roots, root_certificates_max);
  if (certificates.empty()) return bad_certificate("no root can be read");
  auto state = std::make_shared<State>();
  require(state->store != nullptr, "make a trust store");
  for (const CertificatePointer& root : certificates) {
    require(X509_STORE_add_cert(state->store.get(), root.get()) == 1, "trust a certificate");
  }
  return TrustStore(std::move(state));
}

struct SigningCertificate::State {
  std::vector<CertificatePointer> chain;  // leaf first, never empty

  X509* leaf() const { return chain.front().get(); }
};

Result<SigningCertificate> SigningCertificate::from_pem(std::string_view pem) {
  auto state = std::make_shared<State>();
  state->chain = read_certificates(pem, chain_certificates_max);
  if (state->chain.empty()) return bad_certificate("none can be read");
  const EVP_PKEY* const key = X509_get0_pubkey(state->leaf());
  if (!key || EVP_PKEY_is_a(key, "RSA") != 1) return bad_certificate("its key is not RSA");
  if (EVP_PKEY_get_bits(key) > rsa_bits_max) return bad_certificate("its key is too long");
  return SigningCertificate(std::move(state));
}

std::string SigningCertificate::issuer_url() const {
  const ErrorsDropped errors;
  const std::unique_ptr<AUTHORITY_INFO_ACCESS, FreeDescriptions> access(static_cast<AUTHORITY_INFO_ACCESS*>(
      X509_get_ext_d2i(state_->chain.back().get(), NID_info_access, nullptr, nullptr)));
  for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
    const std::string_view uri = uri_of(sk_ACCESS_DESCRIPTION_value(access.get(), i));
    if (is_issuer_url(uri)) return std::string(uri);
  }
  return "";
}

Result<SigningCertificate> SigningCertificate::with_issuer(std::string_view der_or_pem) const {
  CertificatePointer issuer = read_der(der_or_pem);
  if (!issuer) {
    auto found = read_certificates(der_or_pem, 1);
    if (found.size() != 1) return bad_certificate("the issuer's can't be read");
    issuer = std::move(found.front());
  }
  if (state_->chain.size() == chain_certificates_max) return bad_certificate("the chain is too long");
  auto state = std::make_shared<State>();
  for (const CertificatePointer& certificate : state_->chain) {
    require(X509_up_ref(certificate.get()) == 1, "share a certificate");
    state->chain.emplace_back(certificate.get());
  }
  state->chain.push_back(std::move(issuer));
  return SigningCertificate(std::move(state));
}

Verdict SigningCertificate::check(const SnsEndpoint& endpoint, const TrustStore& trust, UtcTime now) const {
  const ErrorsDropped errors;
  const CertificatesPointer issuers(sk_X509_new_null());
  require(issuers != nullptr, "hold certificates");
  for (std::size_t i = 1; i < state_->chain.size(); ++i) {
    X509* const issuer = state_->chain[i].get();
    require(X509_up_ref(issuer) == 1 && sk_X509_push(issuers.get(), issuer) > 0, "hold a certificate");
  }
  const StoreContextPointer context(X509_STORE_CTX_new());
  require(context && X509_STORE_CTX_init(context.get(), trust.state_->store.get(), state_->leaf(), issuers.get()) == 1,
          "check a certificate");
  X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(wanted, static_cast<time_t>(unix_seconds(now)));
  X509_VERIFY_PARAM_set_auth_level(wanted, security_level);
  X509_VERIFY_PARAM_set_depth(wanted, static_cast<int>(chain_certificates_max));
  require(X509_VERIFY_PARAM_set_purpose(wanted, X509_PURPOSE_SSL_SERVER) == 1, "check a certificate's purpose");
  if (X509_verify_cert(context.get()) != 1) {
    const Verdict verdict = verdict_of(X509_STORE_CTX_get_error(context.get()));
    return verdict == Verdict::VALID ? Verdict::UNTRUSTED_CERTIFICATE : verdict;
  }
  return is_issued_to_sns(state_->leaf(), endpoint) ? Verdict::VALID : Verdict::WRONG_CERTIFICATE_NAME;
}

Verdict SigningCertificate::verify(std::string_view version, std::string_view text, std::string_view signature) const {
  const EVP_MD* const digest = version == "1" ? EVP_sha1() : version == "2" ? EVP_sha256() : nullptr;
  if (!digest) return Verdict::MALFORMED;
  EVP_PKEY* const key = X509_get0_pubkey(state_->leaf());
  return verified_with(key, digest, text, signature) ? Verdict::VALID : Verdict::MISMATCH;
}

}  // namespace carillon::security::webhooks
