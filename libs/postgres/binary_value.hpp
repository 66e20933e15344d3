// Values in PostgreSQL's binary format, each behind its length: nothing is escaped here and nothing parsed there. The
// value has to fit the type: StatementError 22003 for an integer out of range, 22P02 for what is no UUID, 22021 for
// text with a NUL byte, std::logic_error for a value of another kind than the type holds.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::pg {

// The values are the types' OIDs (pg_type.dat).
enum class Type : std::uint32_t {
  BOOL = 16,
  BYTEA = 17,
  INT8 = 20,
  INT2 = 21,
  INT4 = 23,
  TEXT = 25,
  TIMESTAMPTZ = 1184,
  UUID = 2950,
  JSONB = 3802
};

void append_big_endian(std::string& out, std::uint32_t value);
void append_value(std::string& out, Type type, std::string_view bytes);  // UUID: from its 36 characters
void append_value(std::string& out, Type type, std::int64_t value);      // INT2, INT4, INT8
void append_value(std::string& out, Type type, bool value);
void append_value(std::string& out, Type type, UtcTime value);
void append_null(std::string& out);

void refuse_nul(std::string_view text);

}  // namespace carillon::pg
