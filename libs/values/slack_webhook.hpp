// Webhook URLs of Slack channels: who one names is the recipient, and whoever knows it may write there, so it is a
// secret. Which hosts may be called: Slack's own and those of SLACK_ALLOWED_HOSTS. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "values/result.hpp"

namespace carillon {

inline constexpr std::size_t slack_webhook_chars_max = 500;

inline constexpr const char* slack_allowed_hosts_description =
    "Hosts that webhook URLs may name besides hooks.slack.com and hooks.slack-gov.com; they must have public addresses";

struct SlackWebhook {
  std::string origin;  // "https://hooks.slack.com"
  std::string path;    // "/services/T0/B0/secret"
};

// nullopt unless the text is "https://", one of the hosts as it stands there (letter case aside) and a path of letters,
// digits, '/', '-' and '_' alone. So there is no user name, no other port, no query, nothing to decode: what is checked
// is what is called. `hosts` are in lower case, "host" or "host:port".
std::optional<SlackWebhook> parse_slack_webhook(std::string_view text, const std::vector<std::string>& hosts);

// Slack's own hosts and `more`, in lower case. Failure INVALID_SETTING when one of those is no host name, perhaps with
// a port: an address, a scheme, a path.
Result<std::vector<std::string>> slack_hosts(const std::vector<std::string>& more);

}  // namespace carillon
