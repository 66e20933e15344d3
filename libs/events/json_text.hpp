// Writing JSON by appending to a string. Internal to libs/events.
#pragma once
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace carillon::events::json {

// Quoted and escaped. Never writes what the reader would refuse: malformed UTF-8 and NUL become U+FFFD.
void append_text(std::string& out, std::string_view text);

template <std::integral N>
void append_number(std::string& out, N value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// The shortest form that reads back as the same value; finite values only.
void append_number(std::string& out, double value);

}  // namespace carillon::events::json
