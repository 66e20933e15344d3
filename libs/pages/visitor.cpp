#include "pages/visitor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "values/lower_case.hpp"

namespace carillon::pages {
namespace {

constexpr std::string_view cookie_attributes = "; Path=/; Secure; HttpOnly; SameSite=Lax";

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Of one Cookie header, "a=1; b=2".
std::optional<std::string_view> find_in(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const auto end = std::min(header.find(';'), header.size());
    const std::string_view pair = without_spaces(header.substr(0, end));
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
    header.remove_prefix(std::min(end + 1, header.size()));
  }
  return std::nullopt;
}

}  // namespace

std::string_view cookie(const http::Request& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (lower_case(key) != "cookie") continue;
    if (const auto found = find_in(value, name)) return *found;
  }
  return {};
}

std::optional<Visitor> visitor_if_any(const http::Request& request) {
  const auto param = [&](const char* name) {
    const auto found = request.params.find(name);
    return found == request.params.end() ? std::string() : found->second;
  };
  const auto role = security::find_role(param("session_role"));
  if (!role || param("session_id").empty()) return std::nullopt;
  return Visitor{param("session_id"), param("session_account"), param("session_email"), *role, param("session_client")};
}

Visitor visitor_of(const http::Request& request) {
  if (auto visitor = visitor_if_any(request)) return std::move(*visitor);
  throw std::logic_error("no guard looked for a session on " + request.path);
}

std::optional<Visitor> find_visitor(service::Platform& platform, const http::Request& request) {
  const auto session = platform.sessions.find(cookie(request, session_cookie_name));
  if (!session) return std::nullopt;
  return Visitor{session->id, session->account_id, session->email, session->role, session->client_id};
}

std::string actor_of(const http::Request& request) {
  if (const auto visitor = visitor_if_any(request)) return "account:" + visitor->account_id;
  return "api:" + request.params.at("api_key_owner");
}

std::pair<std::string, std::string> session_cookie(std::string_view token) {
  return {"Set-Cookie", fmt::format("{}={}{}", session_cookie_name, token, cookie_attributes)};
}

std::pair<std::string, std::string> ended_session_cookie() {
  return {"Set-Cookie", fmt::format("{}=; Max-Age=0{}", session_cookie_name, cookie_attributes)};
}

}  // namespace carillon::pages
