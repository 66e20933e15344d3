#include "provisioning/onboarding_settings.hpp"

#include <algorithm>

namespace carillon::provisioning {
namespace {

constexpr std::size_t tokens_max = 2;

// "a, b": both are believed while one is replaced.
std::vector<std::string> read_tokens(service::Settings& settings) {
  const std::string value = settings.secret(
      "TWILIO_AUTH_TOKEN",
      "Auth token of Twilio; two while it is replaced: calls use the first, receipts may be signed with "
      "either");
  std::vector<std::string> tokens;
  if (value.empty()) return tokens;
  for (std::size_t at = 0; at <= value.size();) {
    const std::size_t comma = std::min(value.find(',', at), value.size());
    std::string token = value.substr(at, comma - at);
    token.erase(0, token.find_first_not_of(' '));
    token.erase(token.find_last_not_of(' ') + 1);
    tokens.push_back(std::move(token));
    at = comma + 1;
  }
  const bool any_empty = std::ranges::any_of(tokens, [](const std::string& token) { return token.empty(); });
  if (!any_empty && tokens.size() <= tokens_max) return tokens;
  settings.error("TWILIO_AUTH_TOKEN must be one secret, or two separated by a comma while it is replaced");
  return {};
}

}  // namespace

OnboardingSettings OnboardingSettings::read(service::Settings& settings) {
  OnboardingSettings read;
  read.twilio_tokens = read_tokens(settings);
  read.own_number = settings.text("TWILIO_PHONE_NUMBER", "", "Number that SMS are sent from, +E.164");
  read.rules.payment_link_url =
      settings.url("PAYMENT_LINK_URL", "",
                   "Stripe's payment link, sent to owners whose payment is missing; the client's id is added as "
                   "client_reference_id");
  read.rules.new_clients_per_hour_max = static_cast<int>(
      settings.integer("ONBOARDING_NEW_CLIENTS_PER_HOUR", 100, 0, 1'000'000,
                       "Clients that first messages of unknown numbers may make within an hour; 0 = no limit"));
  read.rules.messages_per_hour_max = static_cast<int>(
      settings.integer("ONBOARDING_MESSAGES_PER_HOUR", 60, 0, 1'000'000,
                       "Messages of one number that are answered within an hour, so that two machines don't talk for "
                       "ever; 0 = no limit"));
  read.pool_warning_threshold = static_cast<int>(settings.integer(
      "NUMBER_POOL_WARNING_THRESHOLD", pool_warning_threshold_default, 0, 100'000,
      "With fewer AVAILABLE numbers the pool is unhealthy and OPS get OPS_ALERT_NUMBER_POOL_LOW; 0 = never"));
  settings.list("TWILIO_POOL_NUMBERS", "",
                "Numbers (E.164, separated by commas) that `carillon pool seed` puts into the pool; only that command "
                "uses it");
  return read;
}

}  // namespace carillon::provisioning
