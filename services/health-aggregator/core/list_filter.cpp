#include "health-aggregator/core/list_filter.hpp"

#include <algorithm>
#include <charconv>

#include "values/recipient.hpp"

namespace carillon::health {

namespace {

Failure refuse(std::string_view name, std::string_view why) {
  return {"INVALID_FIELD", std::string(name) + ": " + std::string(why)};
}

std::optional<Failure> read_text(const QueryFields& query, const std::string& name, std::optional<std::string>& out) {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  const std::string& text = found->second;
  if (text.empty() || text.size() > filter_chars_max) return refuse(name, "must have 1 to 254 characters");
  if (!is_valid_utf8(text) || has_control_characters(text))
    return refuse(name, "must be UTF-8 without control characters");
  out = text;
  return std::nullopt;
}

std::optional<Failure> read_time(const QueryFields& query, const std::string& name, std::optional<UtcTime>& out) {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  out = from_rfc3339(found->second);
  if (!out) return refuse(name, "must be an RFC 3339 time such as 2026-01-31T12:00:00Z");
  return std::nullopt;
}

template <class E>
std::optional<Failure> read_enum(const QueryFields& query, const std::string& name, std::string_view allowed,
                                 std::optional<E>& out) {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  E value{};
  if (!events::enum_from_name(found->second, value) || value == E{})
    return refuse(name, "must be one of " + std::string(allowed));
  out = value;
  return std::nullopt;
}

template <class Filter>
std::optional<Failure> read_span(const QueryFields& query, Filter& filter) {
  if (auto failure = read_time(query, "from", filter.from)) return failure;
  if (auto failure = read_time(query, "to", filter.to)) return failure;
  if (filter.from && filter.to && *filter.from >= *filter.to) return refuse("from", "must be before to");
  const auto cursor = query.find("cursor");
  if (cursor != query.end()) filter.cursor = cursor->second;
  auto limit = whole_number(query, "limit", page_limit_default, 1, page_limit_max);
  if (!limit) return limit.error();
  filter.limit = *limit;
  return std::nullopt;
}

}  // namespace

std::optional<Failure> refuse_unknown(const QueryFields& query, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : query) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string names;
    for (const std::string_view each : known) names += (names.empty() ? "" : ", ") + std::string(each);
    const bool printable = name.size() <= 64 && is_valid_utf8(name) && !has_control_characters(name);
    return refuse(printable ? name : "query", "unknown parameter; there are " + (names.empty() ? "none" : names));
  }
  return std::nullopt;
}

Result<int> whole_number(const QueryFields& query, const std::string& name, int default_value, int min, int max) {
  const auto found = query.find(name);
  if (found == query.end()) return default_value;
  const std::string& text = found->second;
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size() || value < min || value > max) {
    return refuse(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return value;
}

Result<MessageFilter> read_message_filter(const QueryFields& query) {
  if (auto failure = refuse_unknown(query, {"status", "channel", "template_key", "client_id", "provider", "recipient",
                                            "from", "to", "cursor", "limit"})) {
    return *failure;
  }
  MessageFilter filter;
  if (auto failure = read_enum(query, "status", "the message statuses, such as SENT or FAILED", filter.status))
    return *failure;
  if (auto failure = read_enum(query, "channel", "EMAIL, SMS, SLACK", filter.channel)) return *failure;
  if (auto failure = read_text(query, "template_key", filter.template_key)) return *failure;
  if (auto failure = read_text(query, "client_id", filter.client_id)) return *failure;
  if (auto failure = read_text(query, "provider", filter.provider)) return *failure;
  if (auto failure = read_text(query, "recipient", filter.recipient)) return *failure;
  if (auto failure = read_span(query, filter)) return *failure;
  return filter;
}

Result<AuditFilter> read_audit_filter(const QueryFields& query) {
  if (auto failure =
          refuse_unknown(query, {"action", "subject_id", "client_id", "actor", "from", "to", "cursor", "limit"})) {
    return *failure;
  }
  AuditFilter filter;
  if (auto failure = read_text(query, "action", filter.action)) return *failure;
  if (auto failure = read_text(query, "subject_id", filter.subject_id)) return *failure;
  if (auto failure = read_text(query, "client_id", filter.client_id)) return *failure;
  if (auto failure = read_text(query, "actor", filter.actor)) return *failure;
  if (auto failure = read_span(query, filter)) return *failure;
  return filter;
}

}  // namespace carillon::health
