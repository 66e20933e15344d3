#include "provider-dispatcher/adapters/providers/slack/settings.hpp"

#include <algorithm>

#include "provider-dispatcher/adapters/providers/setting_names.hpp"
#include "provider-dispatcher/adapters/providers/slack/webhook_url.hpp"

namespace carillon::dispatcher {
namespace {

std::vector<std::string> read_allowed_hosts(service::Settings& settings) {
  std::vector<std::string> hosts{"hooks.slack.com", "hooks.slack-gov.com"};
  for (std::string host : settings.list("SLACK_ALLOWED_HOSTS", "",
                                        "Hosts that webhook URLs may name besides hooks.slack.com and "
                                        "hooks.slack-gov.com; they must have public addresses")) {
    if (!slack::is_allowed_host_name(host)) {
      settings.error(
          "SLACK_ALLOWED_HOSTS: each entry must be a host name, perhaps with :port, without scheme and path");
      continue;
    }
    std::transform(host.begin(), host.end(), host.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    hosts.push_back(std::move(host));
  }
  return hosts;
}

}  // namespace

SlackSettings SlackSettings::read(service::Settings& settings) {
  SlackSettings out;
  out.username = settings.text("SLACK_USERNAME", "Carillon", "Name that messages in Slack come from");
  out.icon_emoji = settings.text("SLACK_ICON_EMOJI", ":robot_face:", "Emoji beside that name");
  out.allowed_hosts = read_allowed_hosts(settings);
  out.base_url = without_trailing_slash(settings.url(
      "SLACK_BASE_URL", "", "Where calls go instead of the host of the webhook URL; for tests and the sandbox"));
  out.rate_per_second = settings.number("SLACK_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Calls a second to Slack, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("SLACK_CONCURRENCY", 32, 1, concurrency_max, "Calls to Slack at once from one process"));
  return out;
}

}  // namespace carillon::dispatcher
