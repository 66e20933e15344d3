// Parameters of a statement in PostgreSQL's text format, and array literals for set-based statements (unnest).
// Text with a NUL byte, which PostgreSQL can't store, is refused with StatementError 22021.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "postgres/binary_value.hpp"
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

// Builds one array in PostgreSQL's binary format (values: binary_value.hpp). The element type has to be the one the
// statement declares ($1::uuid[]). Only for run_binary.
class BinaryArray {
 public:
  using Of = Type;
  explicit BinaryArray(Of element) : element_(element), bytes_(header_bytes, '\0') {}
  void add(std::string_view bytes) { append(bytes); }
  void add(const char* text) { append(std::string_view{text}); }
  void add(std::int64_t value) { append(value); }
  void add(int value) { append(std::int64_t{value}); }
  void add(bool value) { append(value); }
  void add(UtcTime value) { append(value); }
  void add_null();
  void add(const std::optional<UtcTime>& value) { value ? add(*value) : add_null(); }
  void reserve_bytes(std::size_t bytes) { bytes_.reserve(header_bytes + bytes); }
  std::size_t size() const { return count_; }
  std::string take();  // the value; the array is empty afterwards

 private:
  static constexpr std::size_t header_bytes = 20;
  template <class Value>
  void append(Value value) {
    append_value(bytes_, element_, value);
    ++count_;
  }
  const Of element_;
  std::string bytes_;  // room for the header, then the elements
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
