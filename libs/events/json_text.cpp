#include "events/json_text.hpp"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "values/recipient.hpp"
#include "values/utf8.hpp"

namespace carillon::events::json {
namespace {

bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}

// True when one of the eight bytes is below 0x20, a quote or a backslash; may be true for other bytes, never false for
// these.
bool may_need_escape(const char* eight_bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  constexpr std::uint64_t tops = 0x8080808080808080U;
  std::uint64_t word;
  std::memcpy(&word, eight_bytes, sizeof word);
  const std::uint64_t quote = word ^ (ones * '"');
  const std::uint64_t backslash = word ^ (ones * '\\');
  return (((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & tops;
}

const char* next_escape(const char* at, const char* end) {
  while (end - at >= 8 && !may_need_escape(at)) at += 8;
  while (at < end && !needs_escape(*at)) ++at;
  return at;
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\0':
      out += "\xEF\xBF\xBD";
      return;
    default:
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 0xF];
  }
}

}  // namespace

void append_text(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) return append_text(out, valid_utf8(text));
  out += '"';
  const char* at = text.data();
  const char* const end = at + text.size();
  for (;;) {
    const char* const escape = next_escape(at, end);
    out.append(at, static_cast<std::size_t>(escape - at));
    if (escape == end) break;
    append_escape(out, *escape);
    at = escape + 1;
  }
  out += '"';
}

void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) throw std::invalid_argument("JSON has no infinite numbers");
  if (value == 0 && std::signbit(value)) {
    out += "-0.0";  // "-0" would be read back as a whole number, without its sign
    return;
  }
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

}  // namespace carillon::events::json
