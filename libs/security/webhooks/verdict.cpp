#include "security/webhooks/verdict.hpp"

#include <charconv>

namespace carillon::security::webhooks {
namespace {

constexpr std::int64_t last_second = 253'402'300'799;  // 9999-12-31T23:59:59Z

}  // namespace

std::string_view word(Verdict verdict) {
  return boost::describe::enum_to_string(verdict, "MALFORMED");
}

std::optional<UtcTime> parse_unix_seconds(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9' || (text.front() == '0' && text.size() > 1)) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc{} || stop != end || seconds > last_second) return std::nullopt;
  return UtcTime{std::chrono::seconds{seconds}};
}

std::int64_t unix_seconds(UtcTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Verdict judge_time(UtcTime signed_at, UtcTime now, std::chrono::seconds age_max, std::chrono::seconds ahead_max) {
  const auto age = std::chrono::floor<std::chrono::seconds>(now) - signed_at;
  if (age > age_max) return Verdict::TOO_OLD;
  return -age > ahead_max ? Verdict::TOO_NEW : Verdict::VALID;
}

}  // namespace carillon::security::webhooks
