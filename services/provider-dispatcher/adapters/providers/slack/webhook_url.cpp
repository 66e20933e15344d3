#include "provider-dispatcher/adapters/providers/slack/webhook_url.hpp"

#include <algorithm>

namespace carillon::dispatcher::slack {
namespace {

constexpr std::size_t secret_part_chars_min = 6;  // team, app and token have more; "services" among them does no harm

}  // namespace

std::vector<std::string> secrets_of(const SlackWebhook& url) {
  std::vector<std::string> out{url.origin + url.path, url.path};
  for (std::size_t at = 0; at < url.path.size();) {
    const std::size_t end = std::min(url.path.find('/', at), url.path.size());
    if (end - at >= secret_part_chars_min) out.push_back(url.path.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace carillon::dispatcher::slack
