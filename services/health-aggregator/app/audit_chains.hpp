// How far each audit chain reaches, and how far it is signed. Reads only; says nothing of whether the rows are whole,
// which takes the key and a walk over all of them (verify_audit_chain.hpp).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::health {

struct AuditChainEnd {
  int partition = 0;
  std::int64_t chain_seq = 0;  // of the newest row
  UtcTime newest_at{};
  std::optional<std::int64_t> signed_seq;  // of the newest signed head; none yet
  std::optional<UtcTime> signed_at;
  std::string signature;                // hex
  std::optional<std::int64_t> cut_seq;  // retention has removed the rows up to this one
};

std::vector<AuditChainEnd> read_audit_chain_ends(pg::Connection& connection);

}  // namespace carillon::health
