// The hash chain over audit rows: each row's HMAC covers the one before, so that a changed, removed or swapped row is
// noticed by whoever has the key. Pure; one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "security/digest.hpp"
#include "values/result.hpp"

namespace carillon::health {

inline constexpr std::size_t audit_key_bytes = 32;
inline constexpr std::size_t chain_hmac_bytes = 32;

// 32 bytes given as 64 hex digits or base64. Failure INVALID_KEY.
Result<std::string> read_audit_key(std::string_view text);

// What the first row of a chain has as its predecessor's HMAC.
std::string chain_start();

// The end of one partition's chain; chain_seq 0 and chain_start() when it is empty.
struct ChainHead {
  int partition = 0;
  std::int64_t chain_seq = 0;
  std::string hmac = chain_start();
  bool operator==(const ChainHead&) const = default;
};

class ChainSigner {
 public:
  explicit ChainSigner(std::string_view key);
  // HMAC of the row that follows `head`; `canonical` is events::to_json of its event.
  std::string row_hmac(const ChainHead& head, std::string_view canonical);
  // Signature of a checkpoint (kind HEAD or RETENTION): proves that who wrote it had the key.
  std::string checkpoint_signature(std::string_view kind, const ChainHead& head);

 private:
  std::string sign();
  security::Hmac hmac_;
  std::string input_;
};

// The details of `canonical` as a JSON object: its last member as text, "{}" when absent.
std::string_view details_of(std::string_view canonical);

}  // namespace carillon::health
