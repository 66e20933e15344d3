#include "orchestrator/core/alert_log_query.hpp"

#include <charconv>

#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

Failure invalid(std::string_view field, std::string_view what) {
  return {"INVALID_FIELD", std::string(field) + ": " + std::string(what)};
}

template <class Number>
bool read_whole(std::string_view text, Number& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

std::optional<AlertLogPlace> read_cursor(std::string_view cursor) {
  const auto dot = cursor.find('.');
  std::int64_t micros = 0;
  if (dot == std::string_view::npos || !read_whole(cursor.substr(0, dot), micros)) return std::nullopt;
  if (micros < 0 || micros > unix_micros(UtcTime::max()) / 2 || !is_uuid(cursor.substr(dot + 1))) return std::nullopt;
  return AlertLogPlace{from_unix_micros(micros), std::string(cursor.substr(dot + 1))};
}

}  // namespace

std::string alert_log_cursor(const AlertLogPlace& place) {
  return std::to_string(unix_micros(place.created_at)) + "." + place.message_id;
}

Result<AlertLogQuery> read_alert_log_query(const std::map<std::string, std::string>& query) {
  AlertLogQuery read;
  for (const auto& [name, value] : query) {
    if (name == "limit") {
      if (!read_whole(value, read.limit) || read.limit < 1 || read.limit > alert_log_page_max)
        return invalid("limit", "must be a whole number from 1 to " + std::to_string(alert_log_page_max));
    } else if (name == "cursor") {
      read.after = read_cursor(value);
      if (!read.after) return invalid("cursor", "must be the next_cursor of a page before");
    } else {
      return invalid("query", "unknown parameter; there are limit, cursor");
    }
  }
  return read;
}

}  // namespace carillon::orchestrator
