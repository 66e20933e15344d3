#include "sandbox/core/authorization.hpp"

#include <algorithm>
#include <array>

#include "security/digest.hpp"

namespace carillon::sandbox {
namespace {

constexpr std::string_view basic_scheme = "Basic ";
constexpr std::string_view bearer_scheme = "Bearer ";
constexpr std::string_view sigv4_scheme = "AWS4-HMAC-SHA256 ";
constexpr std::size_t signature_digits = 64;
constexpr std::size_t amz_date_chars = 16;  // 20260131T235959Z

bool has_scheme(std::string_view header, std::string_view scheme) {
  return header.substr(0, scheme.size()) == scheme && header.size() > scheme.size();
}

// "Credential=a, SignedHeaders=b, Signature=c": the value of a name, "" when absent.
std::string_view field_of(std::string_view fields, std::string_view name) {
  while (!fields.empty()) {
    const std::size_t end = std::min(fields.find(','), fields.size());
    std::string_view field = fields.substr(0, end);
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    if (field.substr(0, name.size()) == name && field.substr(name.size(), 1) == "=")
      return field.substr(name.size() + 1);
    fields.remove_prefix(std::min(end + 1, fields.size()));
  }
  return {};
}

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool names_header(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(';'), list.size());
    if (list.substr(0, end) == name) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

// Parts of "key id/date/region/service/aws4_request".
std::optional<std::array<std::string_view, 5>> scope_of(std::string_view credential) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = parts.size(); i-- > 1;) {
    const std::size_t slash = credential.rfind('/');
    if (slash == std::string_view::npos) return std::nullopt;
    parts[i] = credential.substr(slash + 1);
    credential = credential.substr(0, slash);
  }
  parts[0] = credential;
  if (std::any_of(parts.begin(), parts.end(), [](std::string_view part) { return part.empty(); })) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<BasicAuth> basic_auth(std::string_view authorization) {
  if (!has_scheme(authorization, basic_scheme)) return std::nullopt;
  bool ok = false;
  const std::string pair = security::from_base64(authorization.substr(basic_scheme.size()), ok);
  const std::size_t colon = pair.find(':');
  if (!ok || colon == std::string::npos || colon == 0 || colon + 1 == pair.size()) return std::nullopt;
  return BasicAuth{pair.substr(0, colon), pair.substr(colon + 1)};
}

bool is_bearer(std::string_view authorization) {
  return has_scheme(authorization, bearer_scheme) &&
         authorization.find_first_of(" \t", bearer_scheme.size()) == std::string_view::npos;
}

SigV4 sigv4_form(std::string_view authorization, std::string_view amz_date, std::string_view service) {
  if (authorization.empty()) return SigV4::MISSING;
  if (!has_scheme(authorization, sigv4_scheme)) return SigV4::INCOMPLETE;
  const std::string_view fields = authorization.substr(sigv4_scheme.size());
  const std::string_view signature = field_of(fields, "Signature");
  const auto scope = scope_of(field_of(fields, "Credential"));
  if (!scope || (*scope)[4] != "aws4_request" || signature.size() != signature_digits || !is_lower_hex(signature))
    return SigV4::INCOMPLETE;
  if (!names_header(field_of(fields, "SignedHeaders"), "host")) return SigV4::INCOMPLETE;
  if (amz_date.size() != amz_date_chars || amz_date.substr(0, 8) != (*scope)[1]) return SigV4::INCOMPLETE;
  return (*scope)[3] == service ? SigV4::WELL_FORMED : SigV4::OTHER_SERVICE;
}

}  // namespace carillon::sandbox
