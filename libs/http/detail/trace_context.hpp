// W3C Trace Context: what arrives in `traceparent`, what is handed on.
#pragma once
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace carillon::http::detail {

// Fills trace_id and traceparent: the caller's trace with a new span, or a new trace when `incoming` is absent or
// malformed. The ids are random but not secret.
void set_trace(Request& request, std::string_view incoming);

}  // namespace carillon::http::detail
