#include "health-aggregator/core/page_cursor.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "security/digest.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

namespace {

constexpr std::string_view message_prefix = "m1:";
constexpr std::string_view audit_prefix = "a1:";
constexpr std::size_t cursor_chars_max = 32 * 1024;

Failure bad_cursor() {
  return {"INVALID_FIELD", "cursor: is not one of this list; start again without it"};
}

// The text behind the prefix, or "" when the cursor is not of this kind.
std::string decoded(std::string_view cursor, std::string_view prefix) {
  if (cursor.size() > cursor_chars_max) return {};
  bool ok = false;
  std::string text = security::from_base64(cursor, ok);
  if (!ok || !text.starts_with(prefix)) return {};
  return text.substr(prefix.size());
}

template <class N>
bool read_number(std::string_view& text, char end, N& out) {
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || stop == text.data() + text.size() || *stop != end || out < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(stop - text.data()) + 1);
  return true;
}

}  // namespace

std::string message_cursor(std::string_view message_id) {
  return security::base64_url(std::string(message_prefix) + std::string(message_id));
}

Result<std::string> read_message_cursor(std::string_view cursor) {
  std::string id = decoded(cursor, message_prefix);
  if (!is_uuid(id)) return bad_cursor();
  return id;
}

std::string audit_cursor(const AuditMarks& marks) {
  std::string text{audit_prefix};
  for (const auto& [partition, below] : marks) {
    text += std::to_string(partition) + '=' + std::to_string(below) + ';';
  }
  return security::base64_url(text);
}

Result<AuditMarks> read_audit_cursor(std::string_view cursor) {
  const std::string text = decoded(cursor, audit_prefix);
  if (text.empty()) return bad_cursor();
  AuditMarks marks;
  std::string_view rest = text;
  while (!rest.empty()) {
    int partition = 0;
    std::int64_t below = 0;
    if (!read_number(rest, '=', partition) || !read_number(rest, ';', below)) return bad_cursor();
    marks[partition] = below;
    if (marks.size() > audit_marks_max) return bad_cursor();
  }
  return marks;
}

std::string least_message_id(UtcTime time) {
  const std::int64_t last_millis = (std::int64_t{1} << 48) - 1;
  const std::int64_t millis = std::clamp<std::int64_t>(
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count(), 0, last_millis);
  char text[37];
  std::snprintf(text, sizeof text, "%08llx-%04llx-0000-0000-000000000000",
                static_cast<unsigned long long>(millis >> 16), static_cast<unsigned long long>(millis & 0xffff));
  return text;
}

}  // namespace carillon::health
