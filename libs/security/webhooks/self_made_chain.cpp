#include "security/webhooks/self_made_chain.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <vector>

#include "security/digest.hpp"
#include "security/webhooks/openssl_pointers.hpp"
#include "security/webhooks/verdict.hpp"

namespace carillon::security::webhooks {
namespace {

constexpr long version_3 = 2;  // counted from 0
constexpr std::size_t serial_bytes = 16;
constexpr std::size_t name_tag_bytes = 8;
constexpr std::chrono::hours issuers_margin{24};

struct Issued {
  CertificatePointer certificate;
  KeyPointer key;
};

struct Extension {
  int nid;
  std::string value;  // in the language of openssl.cnf
};

void set_times(X509* certificate, UtcTime from, UtcTime until) {
  require(ASN1_TIME_set(X509_getm_notBefore(certificate), static_cast<time_t>(unix_seconds(from))) != nullptr &&
              ASN1_TIME_set(X509_getm_notAfter(certificate), static_cast<time_t>(unix_seconds(until))) != nullptr,
          "set the times of a certificate");
}

void set_serial(X509* certificate) {
  std::string serial = random_bytes(serial_bytes);
  serial[0] = static_cast<char>(serial[0] & 0x7f);  // a positive number
  const std::unique_ptr<BIGNUM, Freed<BN_free>> number(
      BN_bin2bn(bytes_of(serial), static_cast<int>(serial.size()), nullptr));
  require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr, "set a serial");
}

void set_subject(X509* certificate, const std::string& common_name) {
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, bytes_of(common_name),
                                     static_cast<int>(common_name.size()), -1, 0) == 1,
          "name a certificate");
}

void add_extension(X509* certificate, X509* issuer, const Extension& extension) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> made(
      X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value.c_str()));
  require(made && X509_add_ext(certificate, made.get(), -1) == 1, "extend a certificate");
}

// Without issuer: signed by itself.
Issued issue(const std::string& name, KeyPointer key, UtcTime from, UtcTime until, const Issued* issuer,
             const std::vector<Extension>& extensions) {
  Issued made{CertificatePointer(X509_new()), std::move(key)};
  X509* const certificate = made.certificate.get();
  require(certificate && made.key && X509_set_version(certificate, version_3) == 1 &&
              X509_set_pubkey(certificate, made.key.get()) == 1,
          "make a certificate");
  set_serial(certificate);
  set_subject(certificate, name);
  set_times(certificate, from, until);
  X509* const signed_by = issuer ? issuer->certificate.get() : certificate;
  require(X509_set_issuer_name(certificate, X509_get_subject_name(signed_by)) == 1, "name an issuer");
  for (const Extension& extension : extensions) add_extension(certificate, signed_by, extension);
  require(X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256()) > 0, "sign a certificate");
  return made;
}

std::vector<Extension> of_an_issuer() {
  return {{NID_basic_constraints, "critical,CA:TRUE"},
          {NID_key_usage, "critical,keyCertSign,cRLSign"},
          {NID_subject_key_identifier, "hash"}};
}

std::vector<Extension> of_the_leaf(const ChainWish& wish) {
  std::vector<Extension> extensions{{NID_basic_constraints, "critical,CA:FALSE"},
                                    {NID_key_usage, "critical,digitalSignature,keyEncipherment"},
                                    {NID_ext_key_usage, wish.for_tls_servers ? "serverAuth" : "emailProtection"},
                                    {NID_subject_alt_name, "DNS:" + wish.dns_name},
                                    {NID_authority_key_identifier, "keyid"}};
  if (!wish.issuer_url.empty()) extensions.push_back({NID_info_access, "caIssuers;URI:" + wish.issuer_url});
  return extensions;
}

std::string pem_of(X509* certificate) {
  const BioPointer pem = writing();
  require(PEM_write_bio_X509(pem.get(), certificate) == 1, "write a certificate");
  return written(pem);
}

std::string pem_of(EVP_PKEY* key) {
  const BioPointer pem = writing();
  require(PEM_write_bio_PKCS8PrivateKey(pem.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "write a key");
  return written(pem);
}

}  // namespace

SelfMadeChain make_chain(const ChainWish& wish) {
  const UtcTime from = wish.valid_from - issuers_margin, until = wish.valid_until + issuers_margin;
  const std::string tag = hex(random_bytes(name_tag_bytes));  // issuers are looked up by name, so each has its own
  const Issued root =
      issue("Self-made root " + tag, KeyPointer(EVP_EC_gen("P-256")), from, until, nullptr, of_an_issuer());
  const Issued intermediate =
      issue("Self-made intermediate " + tag, KeyPointer(EVP_EC_gen("P-256")), from, until, &root, of_an_issuer());
  KeyPointer leaf_key(EVP_RSA_gen(static_cast<unsigned>(wish.leaf_key_bits)));
  const Issued leaf =
      issue(wish.dns_name, std::move(leaf_key), wish.valid_from, wish.valid_until, &intermediate, of_the_leaf(wish));
  return {pem_of(root.certificate.get()), pem_of(intermediate.certificate.get()), pem_of(leaf.certificate.get()),
          pem_of(leaf.key.get())};
}

}  // namespace carillon::security::webhooks
