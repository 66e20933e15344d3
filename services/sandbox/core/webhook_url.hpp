// Where receipts go: an address with, perhaps, a user and a password in it, as Postmark's webhooks have them. Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace carillon::sandbox {

struct WebhookUrl {
  std::string url;             // without user and password
  std::string user, password;  // decoded; both empty or neither
};

// http(s)://[user:password@]host[:port][/path][?query]; nullopt for anything else.
std::optional<WebhookUrl> parse_webhook_url(std::string_view url);

}  // namespace carillon::sandbox
