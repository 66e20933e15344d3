#include "time/local_time.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace carillon {
namespace {

const date::time_zone* find_zone(std::string_view name) {
  if (name.empty()) return nullptr;
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

const date::time_zone& zone_or_utc(std::string_view name) {
  static const date::time_zone* const utc = date::locate_zone("Etc/UTC");
  const date::time_zone* const zone = find_zone(name);
  return zone ? *zone : *utc;
}

}  // namespace

bool is_time_zone(std::string_view name) {
  return find_zone(name) != nullptr;
}

std::chrono::local_days local_date(std::string_view time_zone, UtcTime at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const auto offset = zone_or_utc(time_zone).get_info(second).offset;
  return std::chrono::local_days{std::chrono::floor<std::chrono::days>(second + offset).time_since_epoch()};
}

UtcTime local_moment(std::string_view time_zone, std::chrono::local_days day, std::chrono::minutes time_of_day,
                     OfTwo of_two) {
  const date::local_seconds local{day.time_since_epoch() + time_of_day};
  const date::local_info info = zone_or_utc(time_zone).get_info(local);
  if (info.result == date::local_info::nonexistent) return UtcTime{info.second.begin.time_since_epoch()};
  const bool is_second = info.result == date::local_info::ambiguous && of_two == OfTwo::SECOND;
  return UtcTime{local.time_since_epoch() - (is_second ? info.second : info.first).offset};
}

}  // namespace carillon
