#include "security/webhooks/twilio_signature.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <vector>

#include "security/digest.hpp"
#include "values/lower_case.hpp"

namespace carillon::security::webhooks {
namespace {

struct UrlParts {
  std::string_view scheme;  // with "://"
  std::string_view user;    // with '@', or ""
  std::string_view host;
  std::string_view port;  // with ':', or ""
  std::string_view rest;
};

// Cuts without changing a character, since what was signed is the text. nullopt without "scheme://".
std::optional<UrlParts> split_url(std::string_view url) {
  const auto colon = url.find_first_of(":/?#");
  if (colon == std::string_view::npos || colon == 0 || url.substr(colon, 3) != "://") return std::nullopt;
  UrlParts parts;
  parts.scheme = url.substr(0, colon + 3);
  url.remove_prefix(parts.scheme.size());
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  parts.rest = url.substr(authority.size());
  const auto at = authority.rfind('@');
  if (at != std::string_view::npos) parts.user = authority.substr(0, at + 1);
  authority.remove_prefix(parts.user.size());
  const auto bracket = authority.rfind(']');  // the end of an IPv6 address, whose colons start no port
  const auto port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = authority.substr(0, port);
  parts.port = authority.substr(parts.host.size());
  return parts;
}

std::string joined(const UrlParts& parts, std::string_view port) {
  std::string url;
  for (const std::string_view part : {parts.scheme, parts.user, parts.host, port, parts.rest}) url += part;
  return url;
}

bool is_https(std::string_view scheme) {
  return lower_case(scheme) == "https://";
}

std::vector<std::string> urls_to_try(std::string_view url) {
  const auto parts = split_url(url);
  if (!parts) return {std::string(url)};
  const std::string_view standard = is_https(std::string(parts->scheme)) ? ":443" : ":80";
  return {joined(*parts, ""), joined(*parts, parts->port.empty() ? standard : parts->port)};
}

// The value of the first bodySHA256 in the query; nullopt when there is none.
std::optional<std::string_view> body_hash(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const auto question = url.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  for (std::string_view query = url.substr(question + 1); !query.empty();) {
    const std::string_view item = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), item.size() + 1));
    const std::string_view name = item.substr(0, item.find('='));
    if (name == twilio_body_hash_parameter) return item.substr(std::min(item.size(), name.size() + 1));
  }
  return std::nullopt;
}

bool matches(std::string_view header, std::string_view url, std::span<const FormField> form, std::string_view token) {
  return equal_constant_time(sign_twilio(url, form, token), header);
}

}  // namespace

Verdict verify_twilio(std::string_view header, const TwilioRequest& request, std::span<const std::string> tokens) {
  if (header.empty()) return Verdict::MISSING;
  if (header.size() != twilio_signature_chars) return Verdict::MALFORMED;
  const auto hash = body_hash(request.url);
  const auto form = hash ? std::span<const FormField>{} : request.form;
  const std::vector<std::string> urls = urls_to_try(request.url);
  bool configured = false, valid = false;
  for (const std::string& token : tokens) {
    if (token.empty()) continue;  // anybody can sign with the empty token
    configured = true;
    for (const std::string& url : urls) valid |= matches(header, url, form, token);
  }
  if (!configured) return Verdict::NOT_CONFIGURED;
  if (hash) valid &= equal_constant_time(hex(sha256(request.body)), *hash);
  return valid ? Verdict::VALID : Verdict::MISMATCH;
}

std::string sign_twilio(std::string_view url, std::span<const FormField> form, std::string_view token) {
  std::vector<FormField> sorted(form.begin(), form.end());
  std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  std::string content(url);
  for (const auto& [name, value] : sorted) content.append(name).append(value);
  return base64(hmac_sha1(token, content));
}

std::string twilio_body_url(std::string_view url, std::string_view body) {
  const std::string_view fragment = url.substr(std::min(url.size(), url.find('#')));
  std::string out(url.substr(0, url.size() - fragment.size()));
  out += out.find('?') == std::string::npos ? '?' : '&';
  return out.append(twilio_body_hash_parameter).append("=").append(hex(sha256(body))).append(fragment);
}

}  // namespace carillon::security::webhooks
