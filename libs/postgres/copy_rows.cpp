#include <charconv>
#include <cstring>

#include "postgres/connection.hpp"
#include "postgres/errors.hpp"

namespace carillon::pg {

void CopyRows::tab() {
  if (row_open_) text_.push_back('\t');
  row_open_ = true;
}

CopyRows& CopyRows::field(std::string_view text) {
  if (std::memchr(text.data(), '\0', text.size()) != nullptr) {
    throw StatementError("text field of a COPY row holds a NUL byte", "22021");
  }
  tab();
  for (const char c : text) {
    switch (c) {
      case '\\':
        text_ += "\\\\";
        break;
      case '\n':
        text_ += "\\n";
        break;
      case '\r':
        text_ += "\\r";
        break;
      case '\t':
        text_ += "\\t";
        break;
      default:
        text_.push_back(c);
    }
  }
  return *this;
}

CopyRows& CopyRows::field(std::int64_t value) {
  tab();
  char digits[24];
  text_.append(digits, std::to_chars(std::begin(digits), std::end(digits), value).ptr);
  return *this;
}

CopyRows& CopyRows::field(UtcTime value) {
  tab();
  text_ += to_rfc3339(value);
  return *this;
}

CopyRows& CopyRows::field_bytes(std::string_view bytes) {
  constexpr char hex_digits[] = "0123456789abcdef";
  tab();
  text_ += "\\\\x";
  const std::size_t start = text_.size();
  text_.resize(start + bytes.size() * 2);
  char* to = text_.data() + start;
  for (const unsigned char byte : bytes) {
    *to++ = hex_digits[byte >> 4];
    *to++ = hex_digits[byte & 15U];
  }
  return *this;
}

CopyRows& CopyRows::null() {
  tab();
  text_ += "\\N";
  return *this;
}

void CopyRows::end_row() {
  text_.push_back('\n');
  row_open_ = false;
  ++rows_;
}

void CopyRows::clear() {
  text_.clear();
  rows_ = 0;
  row_open_ = false;
}

}  // namespace carillon::pg
