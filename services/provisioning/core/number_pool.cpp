#include "provisioning/core/number_pool.hpp"

#include <set>

#include "values/recipient.hpp"

namespace carillon::provisioning {

namespace {

std::string without_blanks_around(const std::string& text) {
  constexpr const char* blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

PoolNumbers read_pool_numbers(const std::vector<std::string>& texts, std::string_view own_number) {
  PoolNumbers read;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto number = parse_e164(without_blanks_around(texts[i]));
    if (!number) {
      read.refused.push_back({i + 1, number.error().detail});
    } else if (*number == own_number) {
      read.refused.push_back({i + 1, "is the platform's own number (TWILIO_PHONE_NUMBER)"});
    } else if (seen.insert(*number).second) {
      read.valid.push_back(*number);
    } else {
      ++read.repeated;
    }
  }
  return read;
}

PoolAlarm pool_alarm(const PoolCounts& counts, std::int64_t waiting, int threshold, bool raised) {
  const bool in_use = counts.total() > 0 || waiting > 0;
  const bool low = in_use && !is_healthy(counts, threshold);
  if (low == raised) return PoolAlarm::NONE;
  return low ? PoolAlarm::RAISE : PoolAlarm::CLEAR;
}

}  // namespace carillon::provisioning
