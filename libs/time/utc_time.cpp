#include "time/utc_time.hpp"

#include <algorithm>
#include <array>

namespace carillon {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr UtcTime first_instant = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
constexpr UtcTime last_instant = UtcTime{std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}} - microseconds{1};
constexpr std::size_t rfc3339_chars = 27;    // "2026-01-31T23:59:59.000001Z"
constexpr std::size_t date_time_chars = 19;  // "2026-01-31T23:59:59"
constexpr std::size_t offset_chars = 6;      // "+05:30"
constexpr std::size_t fraction_digits_max = 9;

void put_digits(char* out, unsigned value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number in text[at, at + count), or -1 when a character is not a digit. The range must exist.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// "Z" or "+hh:mm"; nullopt for anything else.
std::optional<minutes> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return minutes{0};
  if (text.size() != offset_chars || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hour = digits(text, 1, 2);
  const int minute = digits(text, 4, 2);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const minutes offset = hours{hour} + minutes{minute};
  return text[0] == '-' ? -offset : offset;
}

}  // namespace

void append_rfc3339(std::string& out, UtcTime time) {
  time = std::clamp(time, first_instant, last_instant);
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const auto of_day = static_cast<unsigned long long>((time - day).count());
  const auto second_of_day = static_cast<unsigned>(of_day / 1'000'000);

  std::array<char, rfc3339_chars> text;
  put_digits(&text[0], static_cast<unsigned>(static_cast<int>(date.year())), 4);
  text[4] = '-';
  put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  text[7] = '-';
  put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  text[10] = 'T';
  put_digits(&text[11], second_of_day / 3600, 2);
  text[13] = ':';
  put_digits(&text[14], second_of_day / 60 % 60, 2);
  text[16] = ':';
  put_digits(&text[17], second_of_day % 60, 2);
  text[19] = '.';
  put_digits(&text[20], static_cast<unsigned>(of_day % 1'000'000), 6);
  text[26] = 'Z';
  out.append(text.data(), text.size());
}

std::string to_rfc3339(UtcTime time) {
  std::string text;
  text.reserve(rfc3339_chars);
  append_rfc3339(text, time);
  return text;
}

std::optional<UtcTime> from_rfc3339(std::string_view text) {
  if (text.size() <= date_time_chars) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
    return std::nullopt;
  }
  const int year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const int hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (year < 1 || month < 1 || day < 1 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || second > 60) return std::nullopt;

  std::size_t at = date_time_chars;
  int micros = 0;
  if (text[at] == '.') {
    const std::size_t fraction = ++at;
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (at - fraction < 6) micros = micros * 10 + (text[at] - '0');
    }
    if (at == fraction || at - fraction > fraction_digits_max) return std::nullopt;
    for (std::size_t i = at - fraction; i < 6; ++i) micros *= 10;
  }
  const std::optional<minutes> offset = parse_offset(text.substr(at));
  if (!offset) return std::nullopt;

  const UtcTime minute_start = UtcTime{std::chrono::sys_days{date}} + hours{hour} + minutes{minute} - *offset;
  // A leap second exists only at the end of a UTC day; it is the next day's first second here, as in POSIX.
  const bool ends_day = minute_start + minutes{1} == std::chrono::floor<days>(minute_start) + days{1};
  if (second == 60 && !ends_day) return std::nullopt;
  const UtcTime time = minute_start + seconds{second} + microseconds{micros};
  if (time < first_instant || time > last_instant) return std::nullopt;
  return time;
}

}  // namespace carillon
