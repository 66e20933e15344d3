#include "security/csrf.hpp"

#include <charconv>

#include "security/digest.hpp"
#include "values/lower_case.hpp"

namespace carillon::security {
namespace {

constexpr std::string_view purpose = "csrf v1";
constexpr std::size_t token_chars_max = 80;  // 20 digits, a dot, 43 characters of base64

std::string signed_text(std::string_view session_id, std::string_view expiry) {
  return std::string(session_id) + "." + std::string(expiry);
}

// "https://carillon.example.com:8443" of a URL; a browser leaves out the port that goes without saying, as we do.
std::string_view origin_of(std::string_view url) {
  const auto host = url.find("://");
  return host == std::string_view::npos ? std::string_view{} : url.substr(0, url.find('/', host + 3));
}

}  // namespace

std::string csrf_token(const Sealer& sealer, std::string_view session_id, UtcTime now) {
  const std::string expiry = std::to_string(unix_micros(now + csrf_lifetime) / 1'000'000);
  return expiry + "." + base64_url(sealer.sign(purpose, signed_text(session_id, expiry)));
}

CsrfVerdict csrf_verdict(const Sealer& sealer, std::string_view session_id, std::string_view token, UtcTime now) {
  if (token.empty()) return CsrfVerdict::MISSING;
  const auto dot = token.find('.');
  if (token.size() > token_chars_max || dot == std::string_view::npos) return CsrfVerdict::WRONG;
  const std::string_view expiry = token.substr(0, dot);
  bool is_base64 = false;
  const std::string mac = from_base64(token.substr(dot + 1), is_base64);
  if (!is_base64 || !sealer.is_signed(purpose, signed_text(session_id, expiry), mac)) return CsrfVerdict::WRONG;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(expiry.data(), expiry.data() + expiry.size(), seconds);
  if (error != std::errc{} || end != expiry.data() + expiry.size()) return CsrfVerdict::WRONG;
  return unix_micros(now) / 1'000'000 < seconds ? CsrfVerdict::VALID : CsrfVerdict::EXPIRED;
}

bool is_from_our_pages(const http::Request& request, std::string_view public_url) {
  if (const std::string_view site = http::field(request.headers, "Sec-Fetch-Site"); !site.empty())
    return site == "same-origin" || site == "none";
  const std::string_view sent = http::field(request.headers, "Origin");
  if (sent.empty()) return true;
  const std::string origin = lower_case(sent);
  if (!public_url.empty() && origin == lower_case(origin_of(public_url))) return true;
  const std::string host = lower_case(http::field(request.headers, "Host"));
  return !host.empty() && (origin == "http://" + host || origin == "https://" + host);
}

}  // namespace carillon::security
