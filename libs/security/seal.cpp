#include "security/seal.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>

#include "security/digest.hpp"
#include "values/hex.hpp"
#include "values/recipient.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::size_t keys_max = 16;
constexpr char format_version = 1;
constexpr std::size_t key_id_bytes = 4;
constexpr std::size_t head_bytes = 1 + key_id_bytes;  // version and key id, authenticated in clear
constexpr std::size_t nonce_bytes = 12;               // NIST SP 800-38D, 5.2.1.1: the recommended length
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t plain_bytes_max = std::numeric_limits<int>::max() / 2;
constexpr const char* reference_info = "carillon recipient reference v1";
constexpr std::string_view signature_info = "carillon signature v1: ";  // and the purpose

const EVP_CIPHER* cipher() {
  static const EVP_CIPHER* const algorithm = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  if (!algorithm) throw std::runtime_error("OpenSSL offers no AES-256-GCM");
  return algorithm;
}

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext new_context() {
  CipherContext context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (!context) throw std::runtime_error("OpenSSL can't start AES-256-GCM");
  return context;
}

const unsigned char* in(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data() ? text.data() : "");
}
unsigned char* out(std::string& text, std::size_t at = 0) {
  return reinterpret_cast<unsigned char*>(text.data()) + at;
}

std::string head_of(const std::string& key) {
  return std::string(1, format_version) + sha256(key).substr(0, key_id_bytes);
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

// "" for anything that is not the hex or base64 form of 32 bytes. Hex first: 64 hex digits are base64 as well, of 48.
std::string parse_key(std::string_view text) {
  if (text.size() == 2 * key_bytes) {
    std::string key;
    for (std::size_t i = 0; i < text.size(); i += 2) {
      const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
      if (high < 0 || low < 0) return "";
      key += static_cast<char>(high * 16 + low);
    }
    return key;
  }
  bool ok = false;
  std::string key = from_base64(text, ok);
  return ok && key.size() == key_bytes ? key : "";
}

std::string derive(const std::string& key, std::string_view info) {
  std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
  std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr,
                                                                    EVP_KDF_CTX_free);
  char digest[] = "SHA256";
  std::string key_copy = key, info_copy(info), derived(key_bytes, '\0');
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key_copy.data(), key_copy.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info_copy.data(), info_copy.size()),
      OSSL_PARAM_construct_end()};
  if (!context || EVP_KDF_derive(context.get(), out(derived), derived.size(), params) != 1) {
    throw std::runtime_error("OpenSSL can't derive a key with HKDF");
  }
  return derived;
}

std::string signing_key(const std::string& key, std::string_view purpose) {
  return derive(key, std::string(signature_info) + std::string(purpose));
}

Failure broken(const char* why) {
  return {"SEAL_BROKEN", std::string("the sealed payload can't be opened: ") + why};
}

}  // namespace

Result<Sealer> Sealer::from_text(std::string_view key_text) {
  const Failure invalid{
      "INVALID_KEY",
      "must be 32 random bytes as base64 or hex (openssl rand -base64 32); several keys, newest first, "
      "separated by commas"};
  Sealer sealer;
  std::size_t begin = 0;
  while (begin <= key_text.size()) {
    const std::size_t end = std::min(key_text.find(',', begin), key_text.size());
    std::string key = parse_key(trimmed(key_text.substr(begin, end - begin)));
    if (key.empty() || sealer.keys_.size() == keys_max) return invalid;
    sealer.keys_.push_back(std::move(key));
    begin = end + 1;
  }
  for (const std::string& key : sealer.keys_) sealer.reference_keys_.push_back(derive(key, reference_info));
  return sealer;
}

std::string Sealer::seal(std::string_view plain, std::string_view context) const {
  if (plain.size() > plain_bytes_max) throw std::invalid_argument("payload too large to seal");
  const std::string& key = keys_.front();
  const std::string head = head_of(key), nonce = random_bytes(nonce_bytes);
  std::string sealed = head + nonce;
  sealed.resize(head_bytes + nonce_bytes + plain.size() + tag_bytes);
  const CipherContext gcm = new_context();
  int written = 0, tail = 0;
  const bool ok =
      EVP_EncryptInit_ex2(gcm.get(), cipher(), in(key), in(nonce), nullptr) == 1 &&
      EVP_EncryptUpdate(gcm.get(), nullptr, &written, in(head), static_cast<int>(head.size())) == 1 &&
      EVP_EncryptUpdate(gcm.get(), nullptr, &written, in(context), static_cast<int>(context.size())) == 1 &&
      EVP_EncryptUpdate(gcm.get(), out(sealed, head_bytes + nonce_bytes), &written, in(plain),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(gcm.get(), out(sealed, head_bytes + nonce_bytes + static_cast<std::size_t>(written)),
                          &tail) == 1 &&
      EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_GET_TAG, tag_bytes, out(sealed, sealed.size() - tag_bytes)) == 1;
  if (!ok) throw std::runtime_error("OpenSSL can't seal with AES-256-GCM");
  return base64(sealed);
}

Result<std::string> Sealer::open(std::string_view sealed_text, std::string_view context) const {
  bool is_base64 = false;
  std::string sealed = from_base64(sealed_text, is_base64);
  if (!is_base64) return broken("it is not base64");
  if (sealed.size() < head_bytes + nonce_bytes + tag_bytes) return broken("it is too short");
  if (sealed.size() > plain_bytes_max) return broken("it is too long");
  if (sealed[0] != format_version) return broken("its version is unknown");
  const std::string head = sealed.substr(0, head_bytes);
  const std::string* key = nullptr;
  for (const std::string& candidate : keys_) {
    if (head_of(candidate) == head) key = &candidate;
  }
  if (!key) {
    return Failure{"SEAL_KEY_UNKNOWN",
                   "sealed with a key that is not in CARILLON_PAYLOAD_KEY; add the old key behind the new one"};
  }
  const std::size_t size = sealed.size() - head_bytes - nonce_bytes - tag_bytes;
  std::string plain(size, '\0');
  const CipherContext gcm = new_context();
  int written = 0, tail = 0;
  unsigned char none = 0;
  const bool ok =
      EVP_DecryptInit_ex2(gcm.get(), cipher(), in(*key), out(sealed, head_bytes), nullptr) == 1 &&
      EVP_DecryptUpdate(gcm.get(), nullptr, &written, in(head), static_cast<int>(head.size())) == 1 &&
      EVP_DecryptUpdate(gcm.get(), nullptr, &written, in(context), static_cast<int>(context.size())) == 1 &&
      EVP_DecryptUpdate(gcm.get(), out(plain), &written, out(sealed, head_bytes + nonce_bytes),
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(gcm.get(), EVP_CTRL_AEAD_SET_TAG, tag_bytes, out(sealed, sealed.size() - tag_bytes)) == 1 &&
      EVP_DecryptFinal_ex(gcm.get(), &none, &tail) == 1;
  if (!ok) return broken("it was changed, or belongs to another message");
  return plain;
}

std::string Sealer::reference(std::string_view recipient) const {
  // Every message needs one or two: each thread keeps the key schedule of the key it used last.
  thread_local std::string key;
  thread_local std::unique_ptr<Hmac> keyed;
  if (!keyed || key != reference_keys_.front()) {
    key = reference_keys_.front();
    keyed = std::make_unique<Hmac>(key);
  }
  const auto mac = (*keyed)(canonical_recipient(recipient));
  return hex({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

std::vector<std::string> Sealer::older_references(std::string_view recipient) const {
  std::vector<std::string> older;
  for (std::size_t i = 1; i < reference_keys_.size(); ++i)
    older.push_back(hex(hmac_sha256(reference_keys_[i], canonical_recipient(recipient))));
  return older;
}

std::string Sealer::sign(std::string_view purpose, std::string_view bytes) const {
  return hmac_sha256(signing_key(keys_.front(), purpose), bytes);
}

bool Sealer::is_signed(std::string_view purpose, std::string_view bytes, std::string_view mac) const {
  bool ours = false;
  for (const std::string& key : keys_) {
    if (equal_constant_time(hmac_sha256(signing_key(key, purpose), bytes), mac)) ours = true;
  }
  return ours;
}

}  // namespace carillon::security
