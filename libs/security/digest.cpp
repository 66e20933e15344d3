#include "security/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <stdexcept>

namespace carillon::security {
namespace {

constexpr std::size_t sha256_bytes = 32;
constexpr std::size_t digest_bytes_max = 64;

// Looking an algorithm up by name takes locks in OpenSSL 3, so each is fetched once and kept for the process's life.
const EVP_MD* sha256_algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (!algorithm) throw std::runtime_error("OpenSSL offers no SHA256");
  return algorithm;
}

EVP_MAC* hmac_algorithm() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  if (!algorithm) throw std::runtime_error("OpenSSL offers no HMAC");
  return algorithm;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data() ? text.data() : "");
}

using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

MacContext keyed_context(std::string_view key, const char* digest) {
  MacContext context(EVP_MAC_CTX_new(hmac_algorithm()), EVP_MAC_CTX_free);
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
                               OSSL_PARAM_construct_end()};
  if (!context || EVP_MAC_init(context.get(), bytes_of(key), key.size(), params) != 1) {
    throw std::runtime_error("OpenSSL can't start an HMAC");
  }
  return context;
}

std::size_t finish(EVP_MAC_CTX* context, std::string_view bytes, unsigned char* out, std::size_t out_bytes_max) {
  std::size_t size = 0;
  if (EVP_MAC_update(context, bytes_of(bytes), bytes.size()) != 1 ||
      EVP_MAC_final(context, out, &size, out_bytes_max) != 1) {
    throw std::runtime_error("OpenSSL can't compute an HMAC");
  }
  return size;
}

std::string hmac(std::string_view key, std::string_view bytes, const char* digest) {
  unsigned char out[digest_bytes_max];
  const std::size_t size = finish(keyed_context(key, digest).get(), bytes, out, sizeof out);
  return {reinterpret_cast<const char*>(out), size};
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

std::string encode_base64(std::string_view bytes, const char* alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j <= count; ++j) out += alphabet[group >> (18 - 6 * j) & 63U];
    if (padded) out.append(3 - count, '=');
  }
  return out;
}

}  // namespace

std::string sha256(std::string_view bytes) {
  unsigned char out[sha256_bytes];
  if (EVP_Digest(bytes_of(bytes), bytes.size(), out, nullptr, sha256_algorithm(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL can't compute a SHA256");
  }
  return {reinterpret_cast<const char*>(out), sizeof out};
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  return hmac(key, bytes, "SHA256");
}
std::string hmac_sha1(std::string_view key, std::string_view bytes) {
  return hmac(key, bytes, "SHA1");
}

std::string random_bytes(std::size_t count) {
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw std::invalid_argument("random_bytes: count too large");
  }
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("the system offers no secure random bytes");
  }
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

std::string hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(bytes.size() * 2, '\0');
  char* at = out.data();
  for (const char c : bytes) {
    *at++ = digits[static_cast<unsigned char>(c) >> 4];
    *at++ = digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  return encode_base64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

std::string base64_url(std::string_view bytes) {
  return encode_base64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}

std::string from_base64(std::string_view text, bool& ok) {
  ok = false;
  if (!text.empty() && text.back() == '=') {
    if (text.size() % 4 != 0) return "";
    text.remove_suffix(text[text.size() - 2] == '=' ? 2 : 1);
  }
  if (text.size() % 4 == 1) return "";
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int bit_count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) return "";
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    bit_count += 6;
    if (bit_count < 8) continue;
    bit_count -= 8;
    out += static_cast<char>(bits >> bit_count & 255U);
    bits &= (1U << bit_count) - 1;
  }
  // Left-over bits must be zero: one text for one sequence of bytes, or a changed text could pass for the same seal.
  if (bits != 0) return "";
  ok = true;
  return out;
}

struct Hmac::State {
  MacContext context;
};

Hmac::Hmac(std::string_view key) : state_(new State{keyed_context(key, "SHA256")}) {}
Hmac::~Hmac() {
  delete state_;
}

std::array<unsigned char, 32> Hmac::operator()(std::string_view bytes) {
  std::array<unsigned char, 32> out;
  // A null key starts anew with the key schedule that the context already has.
  if (EVP_MAC_init(state_->context.get(), nullptr, 0, nullptr) != 1) {
    throw std::runtime_error("OpenSSL can't restart an HMAC");
  }
  finish(state_->context.get(), bytes, out.data(), out.size());
  return out;
}

}  // namespace carillon::security
