#include "provider-dispatcher/adapters/providers/slack/settings.hpp"

#include "provider-dispatcher/adapters/providers/setting_names.hpp"
#include "values/slack_webhook.hpp"

namespace carillon::dispatcher {
namespace {

std::vector<std::string> read_allowed_hosts(service::Settings& settings) {
  auto hosts = slack_hosts(settings.list("SLACK_ALLOWED_HOSTS", "", slack_allowed_hosts_description));
  if (hosts) return std::move(*hosts);
  settings.error(hosts.error().detail);
  return {};
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
