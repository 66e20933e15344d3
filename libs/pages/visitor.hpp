// Who is signed in, and the cookie that says so. Thread-safe.
//
// The cookie is __Host-carillon_session: Secure, HttpOnly, for this host and all paths, SameSite=Lax so that links in
// e-mails arrive signed in. Browsers send it to https:// and to this machine only.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "http/message.hpp"
#include "security/sessions.hpp"
#include "service/service.hpp"

namespace carillon::pages {

inline constexpr std::string_view session_cookie_name = "__Host-carillon_session";

struct Visitor {
  std::string session_id;
  std::string account_id;
  std::string email;
  security::Role role = security::Role::STAFF;
  std::string client_id;  // "" for ADMIN
};

// Of a request that a guard of access.hpp let through with a session; throws std::logic_error for any other.
Visitor visitor_of(const http::Request& request);
// The same where the guard lets API keys through too; nullopt: it was a key.
std::optional<Visitor> visitor_if_any(const http::Request& request);

// For routes without a guard, such as the login page: looks the session up. Blocks; throws pg::Unavailable.
std::optional<Visitor> find_visitor(service::Platform& platform, const http::Request& request);

// "account:<id>" or "api:<owner of the key>", for audit entries, of a request that a guard let through.
std::string actor_of(const http::Request& request);

// The first cookie of that name; "" when there is none.
std::string_view cookie(const http::Request& request, std::string_view name);
// The Set-Cookie header for a new session, and for one that has ended.
std::pair<std::string, std::string> session_cookie(std::string_view token);
std::pair<std::string, std::string> ended_session_cookie();

}  // namespace carillon::pages
