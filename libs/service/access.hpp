// Who may call a route, in parts, for async routes that can't use require_scope (which blocks on a cache miss):
//   if (auto known = platform.api_keys.cached(bearer_token(request))) refused = refusal(*known, scope);
//   else ask platform.api_keys.check() from a worker thread.
// Thread-safe, does not block.
#pragma once
#include <optional>
#include <string_view>

#include "http/message.hpp"
#include "security/api_keys.hpp"

namespace carillon::service {

// The token of "Authorization: Bearer <token>"; "" when there is none.
std::string_view bearer_token(const http::Request& request);

// 401 UNAUTHENTICATED without a key, 403 FORBIDDEN without the scope, nullopt when it may.
std::optional<http::Response> refusal(const std::optional<security::ApiKey>& key, std::string_view scope);

}  // namespace carillon::service
