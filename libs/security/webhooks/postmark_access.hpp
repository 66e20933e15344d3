// Postmark signs nothing. It proves itself with what is in the webhook's URL: user and password (sent as HTTP basic
// authentication, RFC 7617) or a token in the path or query. Source: postmarkapp.com/developer/webhooks/
// webhooks-overview, "Protecting your webhook". Use it over TLS only. Pure, thread-safe.
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "security/webhooks/verdict.hpp"

namespace carillon::security::webhooks {

inline constexpr std::size_t postmark_credential_bytes_max = 1024;  // of the header, and of a token

struct PostmarkUser {
  std::string name;
  std::string password;
};

// `authorization`: the header. VALID, NOT_CONFIGURED (no user has both a name and a password), MISSING, MALFORMED or
// MISMATCH. Compared by hash, in constant time: neither content nor length can be measured.
[[nodiscard]] Verdict verify_postmark_user(std::string_view authorization, std::span<const PostmarkUser> users);
[[nodiscard]] Verdict verify_postmark_token(std::string_view token, std::span<const std::string> tokens);

std::string sign_postmark(const PostmarkUser& user);  // the header Authorization; the name must hold no ':'

}  // namespace carillon::security::webhooks
