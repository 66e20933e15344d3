#include "provisioning/core/answer_words.hpp"

#include <algorithm>
#include <array>

#include "values/utf8.hpp"

namespace carillon::provisioning {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char capital(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_space(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

std::string capitals(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), capital);
  return out;
}

}  // namespace

std::string answer_word(std::string_view text) {
  const auto first = std::ranges::find_if(text, is_letter_or_digit);
  if (first == text.end()) return {};
  auto last = text.end();
  while (!is_letter_or_digit(*(last - 1))) --last;
  return one_line(
      capitals(text.substr(static_cast<std::size_t>(first - text.begin()), static_cast<std::size_t>(last - first))));
}

std::string letters_and_digits(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (is_letter_or_digit(c)) out += capital(c);
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  bool space = false;
  for (const char c : valid_utf8(text)) {
    if (is_space(c)) {
      space = !out.empty();
      continue;
    }
    if (std::exchange(space, false)) out += ' ';
    out += c;
  }
  return out;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::optional<std::pair<std::string, std::string>> two_parts(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  constexpr std::array<std::string_view, 6> separators{",", ";", "\n", "/", " IN ", " - "};
  const std::string folded = capitals(text);
  std::size_t at = std::string::npos, width = 0;
  for (const std::string_view separator : separators) {
    const std::size_t found = folded.find(separator);
    if (found >= at) continue;
    at = found;
    width = separator.size();
  }
  if (at == std::string::npos) return std::nullopt;
  std::pair<std::string, std::string> parts{one_line(text.substr(0, at)), one_line(text.substr(at + width))};
  if (parts.first.empty() || parts.second.empty()) return std::nullopt;
  return parts;
}

}  // namespace carillon::provisioning
