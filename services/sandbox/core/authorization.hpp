// What calls prove themselves with, by its form alone: the sandbox takes any credentials, but not none. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace carillon::sandbox {

struct BasicAuth {
  std::string user, password;
};
// RFC 7617; nullopt for anything else, and for an empty user or password.
std::optional<BasicAuth> basic_auth(std::string_view authorization);

bool is_bearer(std::string_view authorization);  // RFC 6750: "Bearer " and a token

// The Authorization header of AWS Signature Version 4.
enum class SigV4 { WELL_FORMED, MISSING, INCOMPLETE, OTHER_SERVICE };
SigV4 sigv4_form(std::string_view authorization, std::string_view amz_date, std::string_view service);

}  // namespace carillon::sandbox
