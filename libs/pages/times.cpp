#include "pages/times.hpp"

#include <fmt/format.h>

namespace carillon::pages {
namespace {

using namespace std::chrono_literals;

constexpr auto now_at_most = 5s;
constexpr std::size_t date_chars = 10, time_chars = 8;

}  // namespace

std::string span_text(std::chrono::seconds span) {
  if (span < 1min) return fmt::format("{} s", span.count());
  if (span < 1h) return fmt::format("{} min", std::chrono::floor<std::chrono::minutes>(span).count());
  if (span < 24h) return fmt::format("{} h", std::chrono::floor<std::chrono::hours>(span).count());
  return fmt::format("{} d", std::chrono::floor<std::chrono::days>(span).count());
}

std::string ago(UtcTime at, UtcTime now) {
  const auto span = std::chrono::floor<std::chrono::seconds>(now - at);
  if (span < -now_at_most) return "in " + span_text(-span);
  if (span < now_at_most) return "just now";
  return span_text(span) + " ago";
}

std::string exact_text(UtcTime at) {
  const std::string text = to_rfc3339(at);
  return text.substr(0, date_chars) + " " + text.substr(date_chars + 1, time_chars) + " UTC";
}

// Hidden text is copied with what is seen; who listens hears the relative time alone.
std::string time_tag(UtcTime at, UtcTime now) {
  return fmt::format(
      R"(<time datetime="{0}" title="{1}" data-ago>{2}<span class="visually-hidden" aria-hidden="true"> ({1})</span></time>)",
      to_rfc3339(at), exact_text(at), ago(at, now));
}

}  // namespace carillon::pages
