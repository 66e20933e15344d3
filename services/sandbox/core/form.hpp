// application/x-www-form-urlencoded, as forms and queries have it. Pure.
#pragma once
#include <string>
#include <string_view>

namespace carillon::sandbox {

// Percent-decodes, '+' as space; a broken escape stays as it is.
std::string form_decoded(std::string_view text);
// The first value of a name in "a=1&b=2", decoded; "" when absent.
std::string form_value(std::string_view form, std::string_view name);

}  // namespace carillon::sandbox
