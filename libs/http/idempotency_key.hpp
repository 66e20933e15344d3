// The header Idempotency-Key: bare, or a quoted string (RFC 8941, 3.3.3).
#pragma once
#include <string>
#include <string_view>

#include "http/message.hpp"
#include "values/result.hpp"

namespace carillon::http {

inline constexpr std::size_t idempotency_key_chars_max = 200;

// "" without the header. Failure INVALID_FIELD.
inline Result<std::string> idempotency_key(const Request& request) {
  const std::string_view raw = field(request.headers, "idempotency-key");
  const auto invalid = [] {
    return Failure{"INVALID_FIELD", "Idempotency-Key: must be a bare or a well quoted string"};
  };
  if (raw.empty() || raw.front() != '"') return std::string(raw);
  if (raw.size() < 3 || raw.back() != '"') return invalid();
  std::string key;
  for (std::size_t i = 1; i + 1 < raw.size(); ++i) {
    if (raw[i] == '"') return invalid();
    if (raw[i] == '\\' && (++i + 1 >= raw.size() || (raw[i] != '"' && raw[i] != '\\'))) return invalid();
    key += raw[i];
  }
  return key;
}

}  // namespace carillon::http
