#include "provider-dispatcher/adapters/providers/header_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "security/digest.hpp"

namespace carillon::dispatcher {
namespace {

constexpr std::size_t plain_chars_max = 200;        // RFC 5322 allows 998 a line; what is longer is folded as words
constexpr std::size_t encoded_word_bytes_max = 45;  // 60 base64 characters and 12 of "=?UTF-8?B??=" fit RFC 2047's 75

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string single_line(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return out;
}

std::string encoded_header_text(std::string_view text) {
  const std::string line = single_line(text);
  const bool plain = line.size() <= plain_chars_max && line.find("=?") == std::string::npos &&
                     std::all_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (plain) return line;
  std::string out;
  for (std::size_t at = 0; at < line.size();) {
    std::size_t end = std::min(at + encoded_word_bytes_max, line.size());
    while (end < line.size() && end > at + 1 && is_continuation(line[end])) --end;
    if (!out.empty()) out += "\r\n ";
    out += "=?UTF-8?B?" + security::base64(std::string_view(line).substr(at, end - at)) + "?=";
    at = end;
  }
  return out;
}

std::string mail_date(UtcTime time) {
  static constexpr const char* day_names[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - days)};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", day_names[std::chrono::weekday{days}.c_encoding()],
                     static_cast<unsigned>(date.day()), month_names[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace carillon::dispatcher
