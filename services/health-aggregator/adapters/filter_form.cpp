#include "health-aggregator/adapters/filter_form.hpp"

#include "health-aggregator/adapters/page_values.hpp"

namespace carillon::health {

using pages::Values;

std::string utc_from_form(const std::string& text) {
  for (const char* rest : {":00Z", "Z"}) {
    if (from_rfc3339(text + rest)) return text + rest;
  }
  return text;
}

std::string form_from_utc(const std::string& text) {
  constexpr std::size_t minute_chars = 16;
  const auto time = from_rfc3339(text);
  return time ? to_rfc3339(*time).substr(0, minute_chars) : "";
}

Values options(const std::vector<std::pair<std::string, std::string>>& choices, const std::string& chosen) {
  Values list = list_values();
  for (const auto& [value, label] : choices) {
    Values one = object_values();
    one["value"] = value;
    one["label"] = label;
    if (value == chosen) one["chosen"] = Values{true};
    list << one;
  }
  return list;
}

Values shown_filters(const QueryFields& query) {
  Values values = object_values();
  for (const auto& [name, value] : query) {
    if (name == "cursor" || name == "limit" || value.empty()) continue;
    values[name] = name == "from" || name == "to" ? form_from_utc(value) : value;
    values["any"] = Values{true};
  }
  return values;
}

std::string page_link(std::string_view path, QueryFields query, const std::string& cursor) {
  query["cursor"] = cursor;
  return link_to(path, {query.begin(), query.end()});
}

pages::FieldError field_error(const Failure& failure) {
  const auto colon = failure.detail.find(": ");
  if (colon == std::string::npos) return {"", failure.detail};
  const std::string field = failure.detail.substr(0, colon);
  return {field, failure.detail + "."};
}

}  // namespace carillon::health
