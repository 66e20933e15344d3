#include "values/slack_webhook.hpp"
#include "values/lower_case.hpp"

#include <algorithm>

namespace carillon {
namespace {

constexpr std::string_view scheme = "https://";

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_alphanumeric(char c) {
  return is_letter(c) || (c >= '0' && c <= '9');
}

bool is_path_character(char c) {
  return is_alphanumeric(c) || c == '/' || c == '-' || c == '_';
}

bool is_host_name(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view host = text.substr(0, colon), port = text.substr(std::min(colon + 1, text.size()));
  const bool port_fits = colon == text.size() || (!port.empty() && port.size() <= 5 &&
                                                  port.find_first_not_of("0123456789") == std::string_view::npos);
  return port_fits && std::any_of(host.begin(), host.end(), is_letter) && host.find('.') != std::string_view::npos &&
         std::all_of(host.begin(), host.end(), [](char c) { return is_alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace

std::optional<SlackWebhook> parse_slack_webhook(std::string_view text, const std::vector<std::string>& hosts) {
  if (text.size() > slack_webhook_chars_max || text.substr(0, scheme.size()) != scheme) return std::nullopt;
  const std::size_t slash = text.find('/', scheme.size());
  if (slash == std::string_view::npos || slash + 1 == text.size()) return std::nullopt;
  const std::string host = lower_case(text.substr(scheme.size(), slash - scheme.size()));
  if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) return std::nullopt;
  const std::string_view path = text.substr(slash);
  if (!std::all_of(path.begin(), path.end(), is_path_character)) return std::nullopt;
  return SlackWebhook{std::string(scheme) + host, std::string(path)};
}

Result<std::vector<std::string>> slack_hosts(const std::vector<std::string>& more) {
  std::vector<std::string> hosts{"hooks.slack.com", "hooks.slack-gov.com"};
  for (const std::string& host : more) {
    if (!is_host_name(host))
      return Failure{
          "INVALID_SETTING",
          "SLACK_ALLOWED_HOSTS: each entry must be a host name, perhaps with :port, without scheme and path"};
    hosts.push_back(lower_case(host));
  }
  return hosts;
}

}  // namespace carillon
