// The body of a POST that unsubscribes (RFC 8058, 3.1 and 3.2): the field List-Unsubscribe=One-Click of a form, as mail
// providers send it and as our page's button does. Pure.
#pragma once
#include <cstddef>
#include <string_view>

namespace carillon::orchestrator {

inline constexpr std::size_t one_click_body_bytes_max = 4 * 1024;

// `content_type`: application/x-www-form-urlencoded or multipart/form-data with its boundary; false for others.
bool asks_to_unsubscribe(std::string_view content_type, std::string_view body);

}  // namespace carillon::orchestrator
