// Parameters of a MIME header, such as boundary and filename (RFC 2045, RFC 2231). Pure; never throws on bad input.
#pragma once
#include <string>
#include <string_view>

namespace carillon::sandbox {

// "attachment; filename=\"a b.pdf\"" and "filename" -> "a b.pdf". Knows quoted strings, the extended form
// (filename*=UTF-8''%C3%BC) and parts (filename*0, filename*1). "" when absent. Always UTF-8: bytes that are not
// become U+FFFD, whatever charset is named.
std::string mime_parameter(std::string_view header, std::string_view name);

}  // namespace carillon::sandbox
