#include "limits/rate_limit.hpp"

#include <charconv>

namespace carillon {
namespace {

constexpr const char* form = "give a count and a time like 3/30m (s, m or h, a day at most), or 0 for no limit";

Failure invalid() {
  return {"INVALID_RATE", form};
}

// The whole of `text` as a number from 1 to `max`; 0 when it is none.
std::int64_t number(std::string_view text, std::int64_t max) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > max) return 0;
  return value;
}

std::chrono::seconds unit(char letter) {
  switch (letter) {
    case 's':
      return std::chrono::seconds{1};
    case 'm':
      return std::chrono::minutes{1};
    case 'h':
      return std::chrono::hours{1};
    default:
      return std::chrono::seconds{0};
  }
}

}  // namespace

Result<RateLimit> parse_rate_limit(std::string_view text) {
  if (text == "0") return RateLimit{};
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || text.size() < slash + 3) return invalid();
  const std::int64_t count = number(text.substr(0, slash), rate_count_max);
  const std::int64_t times = number(text.substr(slash + 1, text.size() - slash - 2), rate_window_max.count());
  const std::chrono::seconds window = times * unit(text.back());
  if (count == 0 || window.count() == 0 || window > rate_window_max) return invalid();
  return RateLimit{static_cast<int>(count), window};
}

}  // namespace carillon
