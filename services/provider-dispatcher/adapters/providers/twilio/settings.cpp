#include "provider-dispatcher/adapters/providers/twilio/settings.hpp"

#include <algorithm>
#include <cctype>

#include "provider-dispatcher/adapters/providers/replaced_secret.hpp"
#include "provider-dispatcher/adapters/providers/setting_names.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {
namespace {

constexpr const char* status_path = "/api/webhooks/twilio/status";
constexpr const char* answers_path = "/api/webhooks/twilio/answers";

bool is_sid(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
}

std::string read_sid(service::Settings& settings, const std::string& name, const std::string& description) {
  std::string value = settings.text(name, "", description);
  if (is_sid(value)) return value;
  settings.error(name + " must be letters and digits only, as Twilio's console shows it");
  return {};
}

}  // namespace

std::vector<std::string> read_twilio_auth_tokens(service::Settings& settings) {
  return read_replaced_secret(settings, "TWILIO_AUTH_TOKEN",
                              "Auth token of Twilio; two while it is replaced: calls use the first, receipts may be "
                              "signed with either");
}

std::string read_twilio_status_url(service::Settings& settings) {
  const std::string own =
      settings.url("TWILIO_STATUS_CALLBACK_URL", "",
                   "Where Twilio reaches /api/webhooks/twilio/status; empty = that path under CARILLON_PUBLIC_URL, and "
                   "without that no receipts are asked for");
  const std::string public_url = without_trailing_slash(
      settings.url("CARILLON_PUBLIC_URL", "",
                   "Where this platform is reached from outside: the beginning of links in mails, and what providers "
                   "call back; without it mails carry no link to unsubscribe"));
  return own.empty() && !public_url.empty() ? public_url + status_path : own;
}

std::string twilio_answers_url(const std::string& status_url) {
  if (!status_url.ends_with(status_path)) return {};
  return status_url.substr(0, status_url.size() - std::string_view(status_path).size()) + answers_path;
}

TwilioSettings TwilioSettings::read(service::Settings& settings) {
  TwilioSettings out;
  out.account_sid = read_sid(settings, "TWILIO_ACCOUNT_SID", "Account SID of Twilio; without it twilio is skipped");
  const auto tokens = read_twilio_auth_tokens(settings);
  if (!tokens.empty()) out.auth_token = tokens.front();
  out.messaging_service_sid = read_sid(settings, "TWILIO_MESSAGING_SERVICE_SID",
                                       "Messaging service that SMS are sent from; goes before TWILIO_PHONE_NUMBER");
  out.phone_number = settings.text("TWILIO_PHONE_NUMBER", "", "Number that SMS are sent from, +E.164");
  if (!out.phone_number.empty() && !parse_e164(out.phone_number)) {
    settings.error("TWILIO_PHONE_NUMBER is not a phone number in E.164 form; write it as \"+447700900123\"");
    out.phone_number.clear();
  }
  out.status_callback_url = read_twilio_status_url(settings);
  out.base_url = without_trailing_slash(
      settings.url("TWILIO_BASE_URL", "https://api.twilio.com", "Where Twilio's API is; for tests and the sandbox"));
  out.rate_per_second = settings.number("TWILIO_RATE_PER_SECOND", 0, 0, rate_per_second_max,
                                        "Calls a second to Twilio, evenly spaced; 0 = no limit");
  out.concurrency = static_cast<int>(
      settings.integer("TWILIO_CONCURRENCY", 32, 1, concurrency_max, "Calls to Twilio at once from one process"));
  return out;
}

std::string TwilioSettings::missing() const {
  return names_of_missing({{"TWILIO_ACCOUNT_SID", !account_sid.empty()},
                           {"TWILIO_AUTH_TOKEN", !auth_token.empty()},
                           {"TWILIO_MESSAGING_SERVICE_SID or TWILIO_PHONE_NUMBER",
                            !messaging_service_sid.empty() || !phone_number.empty()}});
}

}  // namespace carillon::dispatcher
