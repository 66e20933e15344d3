#include "postgres/params.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "postgres/errors.hpp"
#include "values/hex.hpp"

namespace carillon::pg {
namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void append_hex(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  out.resize(start + bytes.size() * 2);
  char* to = out.data() + start;
  for (const unsigned char byte : bytes) {
    *to++ = hex_digits[byte >> 4];
    *to++ = hex_digits[byte & 15U];
  }
}

}  // namespace

void Array::comma() {
  if (text_.empty()) text_ = "{";
  if (count_++ > 0) text_.push_back(',');
}

void Array::add(std::string_view text) {
  refuse_nul(text);
  comma();
  text_.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') text_.push_back('\\');
    text_.push_back(c);
  }
  text_.push_back('"');
}

void Array::add(std::int64_t value) {
  comma();
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  text_.append(digits, end);
}

void Array::add(bool value) {
  comma();
  text_.push_back(value ? 't' : 'f');
}

void Array::add(UtcTime value) {
  comma();
  text_.push_back('"');
  text_ += to_rfc3339(value);
  text_.push_back('"');
}

void Array::add_bytes(std::string_view bytes) {
  comma();
  text_ += "\"\\\\x";
  append_hex(text_, bytes);
  text_.push_back('"');
}

void Array::add_null() {
  comma();
  text_ += "NULL";
}

std::string Array::take() {
  if (text_.empty()) text_ = "{";
  text_.push_back('}');
  count_ = 0;
  return std::exchange(text_, "{");
}

void BinaryArray::add_null() {
  pg::append_null(bytes_);
  has_null_ = true;
  ++count_;
}

std::string BinaryArray::take() {
  std::string header;
  append_big_endian(header, count_ == 0 ? 0 : 1);  // dimensions
  append_big_endian(header, has_null_ ? 1 : 0);
  append_big_endian(header, static_cast<std::uint32_t>(element_));
  if (count_ > 0) {
    append_big_endian(header, count_);
    append_big_endian(header, 1);  // lower bound
  }
  std::string out = std::exchange(bytes_, std::string(header_bytes, '\0'));
  out.replace(0, header_bytes, header);  // an empty array has a shorter header and nothing behind it
  count_ = 0;
  has_null_ = false;
  return out;
}

Params& Params::push(std::optional<std::string> value, bool binary) {
  values_.push_back(std::move(value));
  binary_.push_back(binary ? 1 : 0);
  return *this;
}

Params& Params::add(std::string_view text) {
  refuse_nul(text);
  return push(std::string(text));
}

Params& Params::add(std::int64_t value) {
  return push(std::to_string(value));
}
Params& Params::add(bool value) {
  return push(std::string(value ? "t" : "f"));
}
Params& Params::add(double value) {
  return push(fmt::format("{}", value));
}
Params& Params::add(UtcTime value) {
  return push(to_rfc3339(value));
}
Params& Params::add(Array&& array) {
  return push(array.take());
}
Params& Params::add(BinaryArray&& array) {
  return push(array.take(), true);
}
Params& Params::add_null() {
  return push(std::nullopt);
}

Params& Params::add_bytes(std::string_view bytes) {
  std::string text = "\\x";
  append_hex(text, bytes);
  return push(std::move(text));
}

UtcTime to_utc(std::string_view timestamptz) {
  // "2026-01-31 23:59:59.5+00" differs from RFC 3339 in the space and the offset's missing minutes.
  std::string text(timestamptz);
  if (text.size() > 10) text[10] = 'T';
  if (text.size() > 3 && (text[text.size() - 3] == '+' || text[text.size() - 3] == '-')) text += ":00";
  const std::optional<UtcTime> time = from_rfc3339(text);
  if (!time) throw std::logic_error("not a timestamptz in ISO style and UTC");
  return *time;
}

std::string from_bytea(std::string_view hex) {
  if (hex.size() < 2 || hex[0] != '\\' || hex[1] != 'x' || hex.size() % 2 != 0)
    throw std::logic_error("not a bytea in hex");
  std::string bytes;
  bytes.reserve(hex.size() / 2 - 1);
  for (std::size_t i = 2; i < hex.size(); i += 2) {
    const int high = hex_value(hex[i]);
    const int low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) throw std::logic_error("not a bytea in hex");
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

}  // namespace carillon::pg
