#include "provider-dispatcher/adapters/providers/slack/webhook_url.hpp"

#include <algorithm>
#include <cctype>

namespace carillon::dispatcher::slack {
namespace {

constexpr std::string_view scheme = "https://";
constexpr std::size_t secret_part_chars_min = 6;  // team, app and token have more; "services" among them does no harm

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_path_character(char c) {
  return is_alphanumeric(c) || c == '/' || c == '-' || c == '_';
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

}  // namespace

std::optional<WebhookUrl> parse_webhook_url(std::string_view text, const std::vector<std::string>& hosts) {
  if (text.size() > webhook_url_chars_max || text.substr(0, scheme.size()) != scheme) return std::nullopt;
  const std::size_t slash = text.find('/', scheme.size());
  if (slash == std::string_view::npos || slash + 1 == text.size()) return std::nullopt;
  const std::string host = lower(text.substr(scheme.size(), slash - scheme.size()));
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) return std::nullopt;
  const std::string_view path = text.substr(slash);
  if (!std::all_of(path.begin(), path.end(), is_path_character)) return std::nullopt;
  return WebhookUrl{std::string(scheme) + host, std::string(path)};
}

std::vector<std::string> secrets_of(const WebhookUrl& url) {
  std::vector<std::string> out{url.origin + url.path, url.path};
  for (std::size_t at = 0; at < url.path.size();) {
    const std::size_t end = std::min(url.path.find('/', at), url.path.size());
    if (end - at >= secret_part_chars_min) out.push_back(url.path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

bool is_allowed_host_name(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view host = text.substr(0, colon), port = text.substr(std::min(colon + 1, text.size()));
  const bool port_fits = colon == text.size() || (!port.empty() && port.size() <= 5 &&
                                                  port.find_first_not_of("0123456789") == std::string_view::npos);
  const bool has_letter =
      std::any_of(host.begin(), host.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; });
  return port_fits && has_letter && host.find('.') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace carillon::dispatcher::slack
