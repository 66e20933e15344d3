#include "values/utf8.hpp"

#include <cstdint>
#include <cstring>

#include "values/recipient.hpp"

namespace carillon {
namespace {

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return ++at, first;
  std::size_t length = 0;
  char32_t point = 0;
  char32_t smallest = 0;  // smaller values have a shorter form
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2, point = first & 0x1FU, smallest = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, point = first & 0x0FU, smallest = 0x800;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4, point = first & 0x07U, smallest = 0x10000;
  }
  bool ok = length != 0 && text.size() - at >= length;
  for (std::size_t i = 1; ok && i < length; ++i) {
    const unsigned char byte = byte_at(text, at + i);
    ok = is_continuation(byte);
    point = (point << 6) | (byte & 0x3FU);
  }
  if (!ok || point < smallest || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
    ++at;
    return malformed_utf8;
  }
  at += length;
  return point;
}

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t)) {  // eight ASCII characters at a time
      std::uint64_t word;
      std::memcpy(&word, text.data() + at, sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        at += sizeof word;
        continue;
      }
    }
    if (byte_at(text, at) < 0x80) {
      ++at;
    } else if (next_code_point(text, at) == malformed_utf8) {
      return false;
    }
  }
  return true;
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    if (next_code_point(text, at) == malformed_utf8) {
      valid += "\xEF\xBF\xBD";
    } else {
      valid += text.substr(start, at - start);
    }
  }
  return valid;
}

std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  for (int i = 0; i < 3 && end > 0 && is_continuation(byte_at(text, end)); ++i) --end;
  return text.substr(0, end);
}

}  // namespace carillon
