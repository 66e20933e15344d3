// What a provider says in its refusals often repeats the address or number, and a broken one may echo the request with
// its token. This is the filter between such text and logs, events and pages.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace carillon::dispatcher {

inline constexpr std::size_t detail_chars_max = 300;

// One line of at most detail_chars_max characters, valid UTF-8. Given secrets, words that look like addresses, phone
// numbers or keys become "***". Pure.
std::string safe_detail(std::string_view text, const std::vector<std::string>& secrets = {});

}  // namespace carillon::dispatcher
