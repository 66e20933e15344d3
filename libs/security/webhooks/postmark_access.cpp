#include "security/webhooks/postmark_access.hpp"

#include <cctype>

#include "security/digest.hpp"

namespace carillon::security::webhooks {
namespace {

constexpr std::string_view basic_scheme = "basic ";

bool same(std::string_view a, std::string_view b) {
  return equal_constant_time(sha256(a), sha256(b));
}

// The scheme's name is case-insensitive (RFC 9110, 11.1).
bool is_basic(std::string_view authorization) {
  for (std::size_t i = 0; i < basic_scheme.size(); ++i) {
    if (i >= authorization.size() || std::tolower(static_cast<unsigned char>(authorization[i])) != basic_scheme[i]) {
      return false;
    }
  }
  return true;
}

}  // namespace

Verdict verify_postmark_user(std::string_view authorization, std::span<const PostmarkUser> users) {
  if (authorization.empty()) return Verdict::MISSING;
  if (authorization.size() > postmark_credential_bytes_max || !is_basic(authorization)) return Verdict::MALFORMED;
  bool is_base64 = false;
  const std::string given = from_base64(authorization.substr(basic_scheme.size()), is_base64);
  if (!is_base64 || given.find(':') == std::string::npos) return Verdict::MALFORMED;
  bool configured = false, matches = false;
  for (const PostmarkUser& user : users) {
    if (user.name.empty() || user.password.empty()) continue;
    configured = true;
    matches |= same(given, user.name + ":" + user.password);
  }
  if (!configured) return Verdict::NOT_CONFIGURED;
  return matches ? Verdict::VALID : Verdict::MISMATCH;
}

Verdict verify_postmark_token(std::string_view token, std::span<const std::string> tokens) {
  if (token.empty()) return Verdict::MISSING;
  if (token.size() > postmark_credential_bytes_max) return Verdict::MALFORMED;
  bool configured = false, matches = false;
  for (const std::string& expected : tokens) {
    if (expected.empty()) continue;
    configured = true;
    matches |= same(token, expected);
  }
  if (!configured) return Verdict::NOT_CONFIGURED;
  return matches ? Verdict::VALID : Verdict::MISMATCH;
}

std::string sign_postmark(const PostmarkUser& user) {
  return "Basic " + base64(user.name + ":" + user.password);
}

}  // namespace carillon::security::webhooks
