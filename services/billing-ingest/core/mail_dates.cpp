#include "billing-ingest/core/mail_dates.hpp"

#include <array>

namespace carillon::billing {
namespace {

using Months = std::array<const char*, 12>;
constexpr Months english{"January", "February", "March",     "April",   "May",      "June",
                         "July",    "August",   "September", "October", "November", "December"};
constexpr Months german{"Januar", "Februar", "März",      "April",   "Mai",      "Juni",
                        "Juli",   "August",  "September", "Oktober", "November", "Dezember"};

}  // namespace

std::string date_text(UtcTime time, std::string_view locale) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  const bool is_german = locale.substr(0, 2) == "de" && (locale.size() == 2 || locale[2] == '-');
  const std::size_t month = static_cast<unsigned>(date.month()) - 1;
  return std::to_string(static_cast<unsigned>(date.day())) + (is_german ? ". " : " ") +
         (is_german ? german : english).at(month) + " " + std::to_string(static_cast<int>(date.year()));
}

}  // namespace carillon::billing
