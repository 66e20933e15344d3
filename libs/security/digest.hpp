// Hashes, MACs, random bytes, comparison in constant time. OpenSSL underneath. Thread-safe.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::security {

std::string sha256(std::string_view bytes);                             // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes
std::string hmac_sha1(std::string_view key, std::string_view bytes);  // 20 raw bytes; only where a provider asks for it
std::string random_bytes(std::size_t count);                          // CSPRNG; throws when the system has none
bool equal_constant_time(std::string_view a, std::string_view b);     // length is not secret
std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
std::string base64_url(std::string_view bytes);  // without padding
// "" with ok=false on anything that is not base64 (standard or URL alphabet, padding optional).
std::string from_base64(std::string_view text, bool& ok);

// Keyed HMAC-SHA-256 with the key schedule done once; for many short inputs. One thread at a time.
class Hmac {
 public:
  explicit Hmac(std::string_view key);
  ~Hmac();
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  std::array<unsigned char, 32> operator()(std::string_view bytes);

 private:
  struct State;
  State* state_;
};

}  // namespace carillon::security
