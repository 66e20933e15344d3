#include "orchestrator/core/quiet_hours.hpp"

#include <fmt/format.h>

namespace carillon::orchestrator {
namespace {

using std::chrono::minutes;

constexpr minutes day_length{24 * 60};
constexpr std::size_t hours_text_chars = 11;  // 22:00-07:00

std::optional<minutes> parse_time(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9' ? text[at] - '0' : -1'000; };
  const int hour = digit(0) * 10 + digit(1);
  const int minute = digit(3) * 10 + digit(4);
  if (text[2] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  return std::chrono::hours(hour) + minutes(minute);
}

}  // namespace

Result<QuietHours> parse_quiet_hours(std::string_view text) {
  const Failure malformed{"INVALID_FIELD", "quiet_hours: must be two times of the day such as 22:00-07:00"};
  if (text.size() != hours_text_chars || text[5] != '-') return malformed;
  const auto start = parse_time(text.substr(0, 5));
  const auto end = parse_time(text.substr(6));
  if (!start || !end) return malformed;
  if (*start == *end) return Failure{"INVALID_FIELD", "quiet_hours: must not end when they begin"};
  return QuietHours{*start, *end};
}

std::string to_text(const QuietHours& hours) {
  const auto [start, end] = std::pair{hours.start.count(), hours.end.count()};
  return fmt::format("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60);
}

std::optional<UtcTime> quiet_until(UtcTime at, const QuietHours& hours, std::string_view zone) {
  const std::chrono::local_days today = local_date(zone, at);
  const minutes end_of_day = hours.end > hours.start ? hours.end : hours.end + day_length;
  UtcTime until = at;
  // Those of yesterday may reach into today; where the clocks change one night's may reach the next one's.
  for (const int days : {-1, 0, 1, 2}) {
    const auto day = today + std::chrono::days(days);
    const UtcTime start = local_moment(zone, day, hours.start, OfTwo::FIRST);
    const UtcTime end = local_moment(zone, day, end_of_day, OfTwo::SECOND);
    if (start <= until && until < end) until = end;
  }
  return until > at ? std::optional(until) : std::nullopt;
}

}  // namespace carillon::orchestrator
