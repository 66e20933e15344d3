// Filters of list pages, between the address bar, the form and the query. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "health-aggregator/core/list_filter.hpp"
#include "pages/page.hpp"

namespace carillon::health {

// What <input type="datetime-local"> sends, taken for UTC, as RFC 3339; anything else as it came.
std::string utc_from_form(const std::string& text);
// The other way round, to the minute; "" for what is no time.
std::string form_from_utc(const std::string& text);

// An option of a <select>; the chosen one is marked.
pages::Values options(const std::vector<std::pair<std::string, std::string>>& choices, const std::string& chosen);

// Values of `query` by name, as a form shows them again.
pages::Values shown_filters(const QueryFields& query);

// Another page of the same filters; "": the first one.
std::string page_link(std::string_view path, QueryFields query, const std::string& cursor);

// A refusal "name: why" as the error of the field of that name.
pages::FieldError field_error(const Failure& failure);

}  // namespace carillon::health
