#include "security/webhooks/sns_url.hpp"

#include <algorithm>

namespace carillon::security::webhooks {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::string_view host_start = "sns.";
constexpr std::size_t region_chars_min = 3;   // as AWS's own validators have it
constexpr std::size_t region_chars_max = 63;  // of a DNS label

bool is_region(std::string_view text) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return text.size() >= region_chars_min && text.size() <= region_chars_max &&
         std::all_of(text.begin(), text.end(), allowed);
}

// Others would be read differently by different parsers of URLs: a backslash as a slash, a tab as nothing.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~' && c != '\\'; });
}

std::string_view authority_of(std::string_view url) {
  url.remove_prefix(scheme.size());
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

std::optional<SnsEndpoint> sns_endpoint(std::string_view url) {
  if (url.size() > sns_url_bytes_max || !url.starts_with(scheme) || !is_plain(url)) return std::nullopt;
  std::string_view host = authority_of(url);
  if (!host.starts_with(host_start)) return std::nullopt;
  host.remove_prefix(host_start.size());
  const auto dot = host.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view region = host.substr(0, dot), domain = host.substr(dot + 1);
  if (!is_region(region) || (domain != "amazonaws.com" && domain != "amazonaws.com.cn")) return std::nullopt;
  return SnsEndpoint{std::string(region), std::string(domain)};
}

std::optional<SnsEndpoint> signing_certificate_endpoint(std::string_view url) {
  auto endpoint = sns_endpoint(url);
  if (!endpoint) return std::nullopt;
  const std::string_view path = url.substr(scheme.size() + authority_of(url).size());
  if (!path.ends_with(".pem") || path.find_first_of("?#") != std::string_view::npos) return std::nullopt;
  return endpoint;
}

bool is_of_topic_region(std::string_view url, std::string_view topic_arn) {
  constexpr int fields_before_region = 3;
  for (int field = 0; field < fields_before_region; ++field) {
    const auto colon = topic_arn.find(':');
    if (colon == std::string_view::npos) return false;
    topic_arn.remove_prefix(colon + 1);
  }
  const auto endpoint = sns_endpoint(url);
  return endpoint && endpoint->region == topic_arn.substr(0, topic_arn.find(':'));
}

}  // namespace carillon::security::webhooks
