// How answers and header fields look on the wire. Pure.
#pragma once
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace carillon::http::detail {

std::string_view reason_phrase(int status);

bool same_field_name(std::string_view a, std::string_view b);  // ASCII case-insensitive

// A token as the name; no CR, LF, NUL or other control but TAB in the value: nothing that ends a header early.
bool is_sendable(std::string_view name, std::string_view value);
bool are_sendable(const Fields& fields);

struct HeadOptions {
  bool keep_alive = true;
  bool http_1_0 = false;
  bool goes_on = false;  // until the connection ends, so without a length
};

// Status line, the handler's headers, the security headers it did not set itself, Content-Length, blank line.
// Framing headers set by the handler are left out.
void append_head(std::string& out, const Response& response, HeadOptions options);

bool has_body(int status);  // false: 1xx, 204, 304

}  // namespace carillon::http::detail
