// Sealing: AES-256-GCM with the key of CARILLON_PAYLOAD_KEY, for sensitive payloads at rest. Thread-safe.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "values/result.hpp"

namespace carillon::security {

class Sealer {
 public:
  // `key_text`: base64 or hex of 32 bytes; several keys separated by commas, the first seals, all open (rotation).
  // Failure INVALID_KEY.
  static Result<Sealer> from_text(std::string_view key_text);
  // base64 of version, key id (first 4 bytes of SHA-256 of the key), 12-byte random nonce, ciphertext, tag.
  // `context` is authenticated and must be the same on opening (e.g. the message_id).
  std::string seal(std::string_view plain, std::string_view context) const;
  Result<std::string> open(std::string_view sealed,
                           std::string_view context) const;  // Failure SEAL_BROKEN, SEAL_KEY_UNKNOWN
  // HMAC reference of a recipient ("phone hash") in its canonical_recipient form, hex; the key is derived from the
  // first sealing key with HKDF.
  std::string reference(std::string_view recipient) const;
  // The references under the other keys: what was noted before a rotation is found under one of them.
  std::vector<std::string> older_references(std::string_view recipient) const;

  // What we hand out and get back, such as a link: HMAC-SHA-256 (32 raw bytes) with a key derived from the first
  // sealing key for this `purpose`, and whether `mac` was made so with any of the keys, in constant time.
  std::string sign(std::string_view purpose, std::string_view bytes) const;
  bool is_signed(std::string_view purpose, std::string_view bytes, std::string_view mac) const;

 private:
  Sealer() = default;
  std::vector<std::string> keys_;
  std::vector<std::string> reference_keys_;  // one for each of keys_
};

}  // namespace carillon::security
