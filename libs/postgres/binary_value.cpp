#include "postgres/binary_value.hpp"

#include <cstring>
#include <limits>
#include <stdexcept>

#include "postgres/errors.hpp"
#include "values/hex.hpp"

namespace carillon::pg {
namespace {

constexpr std::uint32_t uuid_bytes = 16;
constexpr std::size_t uuid_chars = 36;
constexpr char jsonb_version = 1;
constexpr std::int64_t micros_1970_to_2000 = 946'684'800'000'000;  // PostgreSQL counts from 2000-01-01

void append_integer(std::string& out, std::uint64_t value, std::size_t width) {
  char bytes[8];
  for (std::size_t i = 0; i < width; ++i) bytes[i] = static_cast<char>((value >> (8 * (width - 1 - i))) & 0xFFU);
  out.append(bytes, width);
}

void append_uuid(std::string& out, std::string_view text) {
  char bytes[uuid_bytes];
  std::size_t count = 0;
  int high = -1;
  for (const char c : text) {
    if (c == '-') continue;
    const int digit = hex_value(c);
    if (digit < 0 || count == uuid_bytes) break;
    if (high < 0) {
      high = digit;
    } else {
      bytes[count++] = static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  if (text.size() != uuid_chars || high >= 0 || count != uuid_bytes)
    throw StatementError("not a UUID in a binary value", "22P02");
  out.append(bytes, uuid_bytes);
}

std::size_t width_of(Type type) {
  switch (type) {
    case Type::INT2:
      return 2;
    case Type::INT4:
      return 4;
    case Type::INT8:
      return 8;
    default:
      throw std::logic_error("an integer for a column that holds none");
  }
}

}  // namespace

void refuse_nul(std::string_view text) {
  if (std::memchr(text.data(), '\0', text.size()) != nullptr)
    throw StatementError("a text value holds a NUL byte", "22021");
}

void append_big_endian(std::string& out, std::uint32_t value) {
  append_integer(out, value, sizeof value);
}

void append_value(std::string& out, Type type, std::string_view bytes) {
  switch (type) {
    case Type::UUID:
      append_big_endian(out, uuid_bytes);
      append_uuid(out, bytes);
      return;
    case Type::JSONB:
      refuse_nul(bytes);
      append_big_endian(out, static_cast<std::uint32_t>(bytes.size() + 1));
      out.push_back(jsonb_version);
      break;
    case Type::TEXT:
      refuse_nul(bytes);
      [[fallthrough]];
    case Type::BYTEA:
      append_big_endian(out, static_cast<std::uint32_t>(bytes.size()));
      break;
    default:
      throw std::logic_error("text or bytes for a column that holds neither");
  }
  out += bytes;
}

void append_value(std::string& out, Type type, std::int64_t value) {
  const std::size_t width = width_of(type);
  const std::int64_t most =
      width == sizeof value ? std::numeric_limits<std::int64_t>::max() : (std::int64_t{1} << (8 * width - 1)) - 1;
  if (value > most || value < -most - 1) throw StatementError("integer out of range in a binary value", "22003");
  append_big_endian(out, static_cast<std::uint32_t>(width));
  append_integer(out, static_cast<std::uint64_t>(value), width);
}

void append_value(std::string& out, Type type, bool value) {
  if (type != Type::BOOL) throw std::logic_error("a boolean for a column that holds none");
  append_big_endian(out, 1);
  out.push_back(value ? 1 : 0);
}

void append_value(std::string& out, Type type, UtcTime value) {
  if (type != Type::TIMESTAMPTZ) throw std::logic_error("a time for a column that holds none");
  append_value(out, Type::INT8, unix_micros(value) - micros_1970_to_2000);
}

void append_null(std::string& out) {
  append_big_endian(out, ~std::uint32_t{0});
}

}  // namespace carillon::pg
