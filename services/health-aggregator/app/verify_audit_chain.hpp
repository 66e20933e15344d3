// Walks every audit chain and says whether it is whole. Reads only; may run beside a writing instance.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "health-aggregator/core/audit_chain.hpp"
#include "postgres/connection.hpp"

namespace carillon::health {

struct BrokenRow {
  int partition;
  std::int64_t chain_seq;
  // ROW_CHANGED: its HMAC doesn't fit its content. ROWS_MISSING: chain_seq jumps (the first missing one is named).
  // LINK_BROKEN: prev_hmac is not the HMAC of the row before. HEAD_MISSING, HEAD_CHANGED: a signed head is not in the
  // chain as it was. CHECKPOINT_FORGED: a checkpoint's signature is wrong.
  std::string why;
  bool operator==(const BrokenRow&) const = default;
};

struct AuditVerification {
  std::int64_t rows = 0;
  std::int64_t heads = 0;
  std::vector<ChainHead> ends;      // of each chain
  std::optional<BrokenRow> broken;  // the first one; none = whole
};

// `key`: 32 raw bytes. `known_heads`: heads from elsewhere (the log) that must be in the chains, besides the stored
// ones. Throws the pg:: errors.
AuditVerification verify_audit_chain(pg::Connection& connection, std::string_view key,
                                     std::span<const ChainHead> known_heads = {});

}  // namespace carillon::health
