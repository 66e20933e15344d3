// Percent-encoding of URLs (RFC 3986) and of HTML forms (application/x-www-form-urlencoded). Pure.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace carillon::http {

enum class Plus { KEPT, SPACE };  // what '+' stands for: itself in a path, a space in a query or form

// nullopt for '%' without two hex digits and for NUL, encoded or not.
std::optional<std::string> percent_decoded(std::string_view text, Plus plus = Plus::KEPT);

// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX (upper-case), as signatures of AWS and OAuth want it.
std::string percent_encoded(std::string_view text);

// "a=1&b=two+words": a query string or the body of a form; the last of a repeated name. nullopt as for percent_decoded.
std::optional<std::map<std::string, std::string>> parse_form(std::string_view text);

// The same with every field in its order, repeated names too, for signatures cover them. nullopt also for more than
// `fields_max`.
std::optional<Fields> form_fields(std::string_view text, std::size_t fields_max);

// The body of a form, in the order given.
std::string form_encoded(const Fields& fields);

// Fills path and query from target (origin or absolute form). False: malformed or no UTF-8, to be answered with 400.
bool split_target(Request& request);

}  // namespace carillon::http
