// Owners of OpenSSL's objects. Internal to libs/security/webhooks.
#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace carillon::security::webhooks {

template <auto free_it>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    free_it(object);
  }
};

inline void free_certificates(STACK_OF(X509) * certificates) {
  sk_X509_pop_free(certificates, X509_free);
}

using KeyPointer = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using DigestContextPointer = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using BioPointer = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using CertificatePointer = std::unique_ptr<X509, Freed<X509_free>>;
using CertificatesPointer = std::unique_ptr<STACK_OF(X509), Freed<free_certificates>>;
using StorePointer = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContextPointer = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;

// OpenSSL's queue of errors belongs to the thread; what fails on foreign input must not leave anything in it for the
// next caller (TLS reads it).
class ErrorsDropped {
 public:
  ErrorsDropped() { ERR_set_mark(); }
  ~ErrorsDropped() { ERR_pop_to_mark(); }
  ErrorsDropped(const ErrorsDropped&) = delete;
  ErrorsDropped& operator=(const ErrorsDropped&) = delete;
};

// For what can only fail without memory or by a bug.
inline void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL can't ") + what);
}

inline const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data() ? text.data() : "");
}

// Reads from `text`, which must outlive it.
inline BioPointer reading(std::string_view text) {
  BioPointer bio(BIO_new_mem_buf(text.data() ? text.data() : "", static_cast<int>(text.size())));
  require(bio != nullptr, "read from memory");
  return bio;
}

inline BioPointer writing() {
  BioPointer bio(BIO_new(BIO_s_mem()));
  require(bio != nullptr, "write to memory");
  return bio;
}

inline std::string written(const BioPointer& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// For reading PEM: without it OpenSSL asks the terminal for the password of what is encrypted, and waits.
inline int no_password(char*, int, int, void*) {
  return -1;
}

// ECDSA signatures are DER, RSA's are PKCS #1 v1.5.
std::string sign_with(EVP_PKEY* key, const EVP_MD* digest, std::string_view content);
bool verified_with(EVP_PKEY* key, const EVP_MD* digest, std::string_view content, std::string_view signature);

KeyPointer private_key_from_pem(std::string_view pem);  // null when it is none; encrypted keys are refused

}  // namespace carillon::security::webhooks
