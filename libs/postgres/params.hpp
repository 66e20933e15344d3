// Parameters of a statement in PostgreSQL's text format, and array literals for set-based statements (unnest).
// Text with a NUL byte, which PostgreSQL can't store, is refused with StatementError 22021.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "time/utc_time.hpp"

namespace carillon::pg {

// Builds one array literal "{...}". Append in row order; every column of one unnest needs the same count.
class Array {
 public:
  void add(std::string_view text);  // text, uuid, jsonb ... quoted and escaped; must be valid UTF-8 without NUL
  void add(const char* text) { add(std::string_view{text}); }  // a literal must not become a bool
  void add(std::int64_t value);                                // integers of any width
  void add(int value) { add(static_cast<std::int64_t>(value)); }
  void add(bool value);
  void add(UtcTime value);                 // timestamptz
  void add_bytes(std::string_view bytes);  // bytea
  void add_null();
  void add(const std::optional<UtcTime>& value) { value ? add(*value) : add_null(); }
  std::size_t size() const { return count_; }
  std::string take();  // the literal; the array is empty afterwards

 private:
  void comma();
  std::string text_ = "{";
  std::size_t count_ = 0;
};

// Builds one array in PostgreSQL's binary format: nothing is escaped here and nothing parsed there. The element type
// has to be the one the statement declares ($1::uuid[]); values must fit it. Only for run_binary.
class BinaryArray {
 public:
  // The values are the types' OIDs (pg_type.dat).
  enum class Of : std::uint32_t {
    BOOL = 16,
    BYTEA = 17,
    INT8 = 20,
    INT2 = 21,
    INT4 = 23,
    TEXT = 25,
    TIMESTAMPTZ = 1184,
    UUID = 2950
  };
  explicit BinaryArray(Of element) : element_(element) {}
  void add(std::string_view bytes);  // BYTEA as it is, TEXT (valid UTF-8 without NUL), UUID from its 36 characters
  void add(const char* text) { add(std::string_view{text}); }
  void add(std::int64_t value);  // INT2, INT4, INT8; throws StatementError 22003 when it does not fit
  void add(int value) { add(static_cast<std::int64_t>(value)); }
  void add(bool value);
  void add(UtcTime value);  // TIMESTAMPTZ
  void add_null();
  void add(const std::optional<UtcTime>& value) { value ? add(*value) : add_null(); }
  std::size_t size() const { return count_; }
  std::string take();  // the value; the array is empty afterwards

 private:
  const Of element_;
  std::string elements_;
  std::uint32_t count_ = 0;
  bool has_null_ = false;
};

// Positional parameters $1, $2, ... in the order added.
class Params {
 public:
  Params& add(std::string_view text);
  Params& add(const char* text) { return add(std::string_view{text}); }
  Params& add(std::int64_t value);
  Params& add(int value) { return add(static_cast<std::int64_t>(value)); }
  Params& add(bool value);
  Params& add(double value);
  Params& add(UtcTime value);
  Params& add(Array&& array);
  Params& add(BinaryArray&& array);  // only for run_binary
  Params& add_bytes(std::string_view bytes);
  Params& add_null();
  const std::vector<std::optional<std::string>>& values() const { return values_; }
  const std::vector<char>& binary() const { return binary_; }  // 1 where the value is in binary format

 private:
  Params& push(std::optional<std::string> value, bool binary = false);
  std::vector<std::optional<std::string>> values_;
  std::vector<char> binary_;
};

// Reading what comes back in text format.
UtcTime to_utc(std::string_view timestamptz);  // sessions run with TimeZone=UTC and DateStyle=ISO
std::string from_bytea(std::string_view hex);  // "\x..." -> bytes

}  // namespace carillon::pg
