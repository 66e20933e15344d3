// The webhook URL of a Slack channel: who it names is the recipient, and whoever knows it may write there. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace carillon::dispatcher::slack {

inline constexpr std::size_t webhook_url_chars_max = 500;

struct WebhookUrl {
  std::string origin;  // "https://hooks.slack.com"
  std::string path;    // "/services/T0/B0/secret"
};

// nullopt unless the text is "https://", one of the hosts as it stands there (letter case aside) and a path of letters,
// digits, '/', '-' and '_' alone. So there is no user name, no other port, no query, nothing to decode: what is checked
// is what is called. `hosts` are in lower case, "host" or "host:port".
std::optional<WebhookUrl> parse_webhook_url(std::string_view text, const std::vector<std::string>& hosts);

// The parts of a webhook URL that no log or page may show: the whole, its path and the longer parts of that.
std::vector<std::string> secrets_of(const WebhookUrl& url);

// Entry of SLACK_ALLOWED_HOSTS: a host name, perhaps with a port; no address, no scheme.
bool is_allowed_host_name(std::string_view text);

}  // namespace carillon::dispatcher::slack
