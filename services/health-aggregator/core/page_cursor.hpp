// Opaque cursors of list pages: base64url of a versioned text. A cursor that we did not make is refused. Pure.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"
#include "values/result.hpp"

namespace carillon::health {

// Messages: the page goes on below this id.
std::string message_cursor(std::string_view message_id);
Result<std::string> read_message_cursor(std::string_view cursor);

// Audit rows: per partition the chain_seq below which the page goes on; an absent partition has nothing more.
using AuditMarks = std::map<int, std::int64_t>;
inline constexpr std::size_t audit_marks_max = 1'024;
std::string audit_cursor(const AuditMarks& marks);
Result<AuditMarks> read_audit_cursor(std::string_view cursor);

// The least id a message accepted at `time` or later can have (its millisecond, then zeros).
std::string least_message_id(UtcTime time);

}  // namespace carillon::health
