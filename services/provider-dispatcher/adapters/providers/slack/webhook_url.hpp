// What no log or page may show of a webhook URL (values/slack_webhook.hpp). Pure.
#pragma once
#include <string>
#include <vector>

#include "values/slack_webhook.hpp"

namespace carillon::dispatcher::slack {

// The whole, its path and the longer parts of that.
std::vector<std::string> secrets_of(const SlackWebhook& url);

}  // namespace carillon::dispatcher::slack
