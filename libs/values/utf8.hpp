// Walking over UTF-8 text code point by code point (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace carillon {

inline constexpr char32_t malformed_utf8 = 0xFFFFFFFF;
inline constexpr char32_t replacement_character = 0xFFFD;

// The code point at `at` (at < text.size()), which moves behind it; malformed_utf8, and one byte further, where there
// is none.
char32_t next_code_point(std::string_view text, std::size_t& at);

// The text with each malformed byte replaced by U+FFFD; for text of others (provider answers, cut strings) on its way
// into events and logs.
std::string valid_utf8(std::string_view text);

// The longest beginning of at most `bytes_max` bytes that does not cut a character in two.
std::string_view utf8_prefix(std::string_view text, std::size_t bytes_max);

}  // namespace carillon
