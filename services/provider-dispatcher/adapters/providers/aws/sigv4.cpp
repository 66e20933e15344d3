#include "provider-dispatcher/adapters/providers/aws/sigv4.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "http/method_name.hpp"
#include "http/url.hpp"
#include "security/digest.hpp"
#include "values/lower_case.hpp"

namespace carillon::dispatcher::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view date_header = "X-Amz-Date";
constexpr std::string_view token_header = "X-Amz-Security-Token";
constexpr std::string_view authorization_header = "Authorization";

// Set or changed on the way: by http::Client (Host is signed from the URL) or by proxies.
constexpr std::array<std::string_view, 17> unsigned_headers{
    "authorization",
    "baggage",
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
};

struct UrlParts {
  std::string_view host;   // with the port unless it is the scheme's own, as http::Client writes it
  std::string_view path;   // percent-encoded, may be empty
  std::string_view query;  // percent-encoded, without '?'
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

UrlParts split(std::string_view url) {
  UrlParts parts;
  url = url.substr(0, url.find('#'));
  const std::size_t scheme_end = std::min(url.find("://"), url.size());
  const std::string_view own_port = url.substr(0, scheme_end) == "https" ? ":443" : ":80";
  url.remove_prefix(std::min(scheme_end + 3, url.size()));
  parts.host = url.substr(0, url.find_first_of("/?"));
  url.remove_prefix(parts.host.size());
  if (ends_with(parts.host, own_port)) parts.host.remove_suffix(own_port.size());
  const std::size_t mark = url.find('?');
  parts.path = url.substr(0, mark);
  if (mark != std::string_view::npos) parts.query = url.substr(mark + 1);
  return parts;
}

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Dot segments and empty ones go (RFC 3986, 5.2.4); what is left is encoded once more.
std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split_at(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      kept.push_back(segment);
    } else if (!kept.empty()) {
      kept.pop_back();
    }
  }
  std::string out;
  for (const std::string_view segment : kept) out += "/" + http::percent_encoded(segment);
  if (kept.empty() || ends_with(path, "/")) out += '/';
  return out;
}

// Decoded and encoded anew, so that it does not matter how the URL was encoded.
std::string canonical_word(std::string_view word) {
  const auto decoded = http::percent_decoded(word);
  return http::percent_encoded(decoded ? *decoded : word);
}

std::string canonical_query(std::string_view query) {
  if (query.empty()) return {};
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string_view pair : split_at(query, '&')) {
    const std::size_t equals = pair.find('=');
    const std::string_view value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    pairs.emplace_back(canonical_word(pair.substr(0, equals)), canonical_word(value));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out += name + "=" + value;
  }
  return out;
}

// No white space at the ends, one space for several.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool gap = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t') {
      gap = !out.empty();
      continue;
    }
    if (gap) out += ' ';
    gap = false;
    out += c;
  }
  return out;
}

using HeaderLines = std::map<std::string, std::string>;

HeaderLines headers_to_sign(const http::Call& call, std::string_view host) {
  HeaderLines lines{{"host", std::string(host)}};
  for (const auto& [name, value] : call.headers) {
    const std::string key = lower_case(name);
    if (std::find(unsigned_headers.begin(), unsigned_headers.end(), key) != unsigned_headers.end()) continue;
    const auto [line, first] = lines.emplace(key, canonical_value(value));
    if (!first) line->second += "," + canonical_value(value);
  }
  return lines;
}

std::string basic_iso8601(UtcTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - days)};
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string signature_of(std::string_view text, const Credentials& credentials, const SigningScope& scope,
                         std::string_view day) {
  using security::hmac_sha256;
  const std::string day_key = hmac_sha256("AWS4" + credentials.secret_access_key, day);
  const std::string key = hmac_sha256(hmac_sha256(hmac_sha256(day_key, scope.region), scope.service), "aws4_request");
  return security::hex(hmac_sha256(key, text));
}

}  // namespace

void sign(http::Call& call, const Credentials& credentials, const SigningScope& scope, UtcTime now) {
  std::erase_if(call.headers, [](const auto& header) {
    const std::string name = lower_case(header.first);
    return name == lower_case(date_header) || name == lower_case(token_header) ||
           name == lower_case(authorization_header);
  });
  const std::string time = basic_iso8601(now);
  call.headers.emplace_back(date_header, time);
  if (!credentials.session_token.empty()) call.headers.emplace_back(token_header, credentials.session_token);

  const UrlParts url = split(call.url);
  std::string lines, names;
  for (const auto& [name, value] : headers_to_sign(call, url.host)) {
    lines += name + ":" + value + "\n";
    names += (names.empty() ? "" : ";") + name;
  }
  const std::string request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", http::method_name(call.method), canonical_path(url.path),
                  canonical_query(url.query), lines, names, security::hex(security::sha256(call.body)));
  const std::string day = time.substr(0, 8);
  const std::string credential_scope = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", algorithm, time, credential_scope, security::hex(security::sha256(request)));
  call.headers.emplace_back(authorization_header, fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                                                              algorithm, credentials.access_key_id, credential_scope,
                                                              names, signature_of(to_sign, credentials, scope, day)));
}

}  // namespace carillon::dispatcher::aws
