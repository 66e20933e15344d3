#include "provisioning/core/calendar_date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace carillon::provisioning {
namespace {

using std::chrono::year_month_day;

constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::size_t short_month_chars = 3;

std::string_view month_of(const year_month_day& day) {
  return months.at(static_cast<unsigned>(day.month()) - 1);
}

}  // namespace

std::optional<Date> read_date(std::string_view text) {
  constexpr std::string_view shape = "0000-00-00";
  const auto fits = [](char c, char like) { return like == '-' ? c == '-' : c >= '0' && c <= '9'; };
  if (!std::equal(text.begin(), text.end(), shape.begin(), shape.end(), fits)) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t count) {
    unsigned value = 0;
    for (const char c : text.substr(at, count)) value = value * 10 + static_cast<unsigned>(c - '0');
    return value;
  };
  const year_month_day day{std::chrono::year{static_cast<int>(number(0, 4))}, std::chrono::month{number(5, 2)},
                           std::chrono::day{number(8, 2)}};
  return day.ok() && day.year() > std::chrono::year{0} ? std::optional{Date{day}} : std::nullopt;
}

std::string to_iso(Date date) {
  const year_month_day day{date};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

std::string for_people(Date date) {
  const year_month_day day{date};
  return fmt::format("{} {} {}", static_cast<unsigned>(day.day()), month_of(day), static_cast<int>(day.year()));
}

std::string short_for_people(Date date) {
  const year_month_day day{date};
  return fmt::format("{} {} {}", static_cast<unsigned>(day.day()), month_of(day).substr(0, short_month_chars),
                     static_cast<int>(day.year()));
}

std::string month_for_people(Date date) {
  const year_month_day day{date};
  return fmt::format("{} {}", month_of(day), static_cast<int>(day.year()));
}

}  // namespace carillon::provisioning
