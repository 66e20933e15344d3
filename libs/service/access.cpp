#include "service/access.hpp"

#include <string>

#include "service/service.hpp"

namespace carillon::service {
namespace {

constexpr std::string_view scheme = "bearer ";

}  // namespace

std::string_view bearer_token(const http::Request& request) {
  std::string_view value = http::field(request.headers, "Authorization");
  if (value.size() <= scheme.size()) return {};
  for (std::size_t i = 0; i < scheme.size(); ++i) {
    const char c = value[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != scheme[i]) return {};
  }
  value.remove_prefix(scheme.size());
  const auto begin = value.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(' ') - begin + 1);
}

std::optional<http::Response> refusal(const std::optional<security::ApiKey>& key, std::string_view scope) {
  if (!key) {
    http::Response response =
        http::problem(401, "UNAUTHENTICATED", "send a valid API key: Authorization: Bearer crl_<id>_<secret>");
    response.headers.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  if (key->may(scope)) return std::nullopt;
  return http::problem(403, "FORBIDDEN", "the API key lacks the scope " + std::string(scope));
}

http::Guard require_scope(Platform& platform, std::string scope) {
  return [&keys = platform.api_keys,
          scope = std::move(scope)](const http::Request& request) -> std::optional<http::Response> {
    const std::optional<security::ApiKey> key = keys.check(bearer_token(request));
    if (auto refused = refusal(key, scope)) return refused;
    // The server owns the request as a mutable object and passes the same one to the handler after its guard.
    auto& params = const_cast<http::Request&>(request).params;
    params["api_key_owner"] = key->owner;
    params["api_key_admin"] = key->may("admin") ? "true" : "false";
    return std::nullopt;
  };
}

}  // namespace carillon::service
