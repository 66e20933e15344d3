// The headers of RFC 8058 with which a mail program offers to unsubscribe by one click. Pure.
#pragma once
#include <string_view>

#include "http/message.hpp"

namespace carillon::dispatcher {

// {"List-Unsubscribe", "<url>"} and {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}; none for an empty URL.
// What a URL must not hold (controls, spaces, angle brackets, other than ASCII) is percent-encoded.
http::Fields unsubscribe_headers(std::string_view url);

}  // namespace carillon::dispatcher
