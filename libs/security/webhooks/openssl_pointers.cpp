#include "security/webhooks/openssl_pointers.hpp"

#include <openssl/pem.h>

namespace carillon::security::webhooks {

std::string sign_with(EVP_PKEY* key, const EVP_MD* digest, std::string_view content) {
  const DigestContextPointer context(EVP_MD_CTX_new());
  std::size_t size = 0;
  require(context && EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes_of(content), content.size()) == 1,
          "start a signature");
  std::string signature(size, '\0');
  require(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes_of(content),
                         content.size()) == 1,
          "sign");
  signature.resize(size);
  return signature;
}

bool verified_with(EVP_PKEY* key, const EVP_MD* digest, std::string_view content, std::string_view signature) {
  const ErrorsDropped errors;
  const DigestContextPointer context(EVP_MD_CTX_new());
  require(context && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1,
          "start to check a signature");
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(content), content.size()) == 1;
}

KeyPointer private_key_from_pem(std::string_view pem) {
  const ErrorsDropped errors;
  return KeyPointer(PEM_read_bio_PrivateKey(reading(pem).get(), nullptr, no_password, nullptr));
}

}  // namespace carillon::security::webhooks
