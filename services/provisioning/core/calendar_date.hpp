// Dates without a time zone: as JSON and tables have them (2027-02-28), and as people read them. Pure.
#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace carillon::provisioning {

using Date = std::chrono::local_days;

// YYYY-MM-DD; nullopt for anything else and for days that no calendar has.
std::optional<Date> read_date(std::string_view text);
std::string to_iso(Date date);
std::string for_people(Date date);        // 28 February 2027
std::string short_for_people(Date date);  // 28 Feb 2027
std::string month_for_people(Date date);  // February 2027

inline int days_between(Date from, Date to) {
  return static_cast<int>((to - from).count());
}

}  // namespace carillon::provisioning
