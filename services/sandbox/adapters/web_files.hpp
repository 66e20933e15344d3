// The files of the pages, and the headers that pages go out with.
#pragma once
#include <string_view>

namespace carillon::sandbox {

inline constexpr std::string_view page_headers =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-src "
    "'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n";

// A file of web/ by its path there; "" when there is none.
std::string_view web_file(std::string_view path);

}  // namespace carillon::sandbox
