#pragma once
#include <string>
#include <vector>

#include "service/settings.hpp"

namespace carillon::dispatcher {

struct SlackSettings {
  std::string username;                    // SLACK_USERNAME
  std::string icon_emoji;                  // SLACK_ICON_EMOJI
  std::vector<std::string> allowed_hosts;  // Slack's own and those of SLACK_ALLOWED_HOSTS, in lower case
  std::string base_url;                    // SLACK_BASE_URL, without a trailing slash; "" = where the webhook URL says
  double rate_per_second = 0;              // SLACK_RATE_PER_SECOND
  int concurrency = 32;                    // SLACK_CONCURRENCY

  static SlackSettings read(service::Settings& settings);
};

}  // namespace carillon::dispatcher
