#include "security/webhooks/stripe_signature.hpp"

#include <optional>
#include <vector>

#include "security/digest.hpp"

namespace carillon::security::webhooks {
namespace {

struct Header {
  std::string_view time;
  std::vector<std::string_view> signatures;
};

// nullopt when an item has no '=' or t comes twice.
std::optional<Header> parse_header(std::string_view text) {
  Header header;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view scheme = item.substr(0, equals), value = item.substr(equals + 1);
    if (scheme == "t") {
      if (!header.time.empty()) return std::nullopt;
      header.time = value;
    } else if (scheme == "v1") {
      header.signatures.push_back(value);
    }
  }
  return header;
}

std::string signature_of(std::string_view time, std::string_view body, std::string_view secret) {
  std::string content(time);
  content.append(".").append(body);
  return hex(hmac_sha256(secret, content));
}

}  // namespace

Verdict verify_stripe(std::string_view header, std::string_view body, std::span<const std::string> secrets, UtcTime now,
                      std::chrono::seconds tolerance) {
  if (header.empty()) return Verdict::MISSING;
  if (header.size() > stripe_header_bytes_max) return Verdict::MALFORMED;
  const auto parsed = parse_header(header);
  if (!parsed || parsed->signatures.empty()) return Verdict::MALFORMED;
  const auto signed_at = parse_unix_seconds(parsed->time);
  if (!signed_at) return Verdict::MALFORMED;
  bool configured = false, matches = false;
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;  // anybody can sign with the empty secret
    configured = true;
    const std::string expected = signature_of(parsed->time, body, secret);
    for (const std::string_view given : parsed->signatures) matches |= equal_constant_time(expected, given);
  }
  if (!configured) return Verdict::NOT_CONFIGURED;
  return matches ? judge_time(*signed_at, now, tolerance, tolerance) : Verdict::MISMATCH;
}

std::string sign_stripe(std::string_view body, std::span<const std::string> secrets, UtcTime time) {
  const std::string seconds = std::to_string(unix_seconds(time));
  std::string header = "t=" + seconds;
  for (const std::string& secret : secrets) header.append(",v1=").append(signature_of(seconds, body, secret));
  return header;
}

}  // namespace carillon::security::webhooks
