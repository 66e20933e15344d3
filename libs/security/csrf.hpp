// Protection against requests that another site makes a visitor's browser send.
//
// With a session: a token bound to it and to a time, "<expiry>.<MAC>", which only our pages hand out. It needs no
// storage, works on every instance, and is of no use with another session or after csrf_lifetime.
//
// Without one (log in, ask for a reset, set a password): what the browser itself says about where a form comes from,
// see is_from_our_pages. A token would need a cookie of its own for people who have none yet, and would expire on a
// login page that was left open over night. What is at stake is smaller as well: a reset is no secret, setting a
// password takes the link's token, and only logging somebody into a foreign account remains.
//
// Pure but for the key; constant in time where something secret is compared.
#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "security/seal.hpp"
#include "time/utc_time.hpp"

namespace carillon::security {

inline constexpr std::chrono::hours csrf_lifetime{4};  // longer than a form is left open between two requests

enum class CsrfVerdict { VALID, MISSING, WRONG, EXPIRED };  // another session's is WRONG

std::string csrf_token(const Sealer& sealer, std::string_view session_id, UtcTime now);
CsrfVerdict csrf_verdict(const Sealer& sealer, std::string_view session_id, std::string_view token, UtcTime now);
inline bool csrf_valid(const Sealer& sealer, std::string_view session_id, std::string_view token, UtcTime now) {
  return csrf_verdict(sealer, session_id, token, now) == CsrfVerdict::VALID;
}

// Sec-Fetch-Site, which every current browser sends to https:// and to this machine, has to be "same-origin" (or
// "none": typed or reloaded by the person). Where it is missing, Origin has to be the site's own: `public_url`'s, or
// the one the request's Host names. A request with neither is none of a browser's that carries somebody's cookies, for
// browsers send Origin with every POST.
bool is_from_our_pages(const http::Request& request, std::string_view public_url);

}  // namespace carillon::security
