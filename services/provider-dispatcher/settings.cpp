#include "provider-dispatcher/settings.hpp"

#include <algorithm>
#include <set>

#include "provider-dispatcher/adapters/spend_settings.hpp"

namespace carillon::dispatcher {

namespace {

std::vector<std::string> known_names(const std::string& setting, const std::vector<std::string>& chain,
                                     events::Channel channel, const std::vector<std::unique_ptr<Provider>>& providers,
                                     service::Settings& settings) {
  std::vector<std::string> known;
  std::set<std::string> seen;
  for (const std::string& name : chain) {
    const auto found =
        std::find_if(providers.begin(), providers.end(), [&](const auto& p) { return p->name() == name; });
    if (!seen.insert(name).second) {
      settings.error(setting + ": names " + name + " twice; name each provider once");
    } else if (found != providers.end() && (*found)->channel() == channel) {
      known.push_back(name);
    } else if (found != providers.end()) {
      settings.error(setting + ": " + name + " is a provider of another channel; take it out");
    } else {
      settings.error(setting + ": there is no provider \"" + name + "\"");
    }
  }
  return known;
}

}  // namespace

DispatcherSettings DispatcherSettings::declare(service::Settings& settings) {
  DispatcherSettings result;
  result.chains.email = settings.list("EMAIL_PROVIDER_CHAIN", "postmark,ses,sendgrid,smtp",
                                      "E-mail providers in the order they are tried; one without settings is skipped.");
  result.chains.sms = settings.list("SMS_PROVIDER_CHAIN", "sns,twilio,console",
                                    "SMS providers in the order they are tried; one without settings is skipped.");
  result.chains.sms_enabled = settings.flag("SMS_ENABLED", false, "Whether any SMS is sent at all.");
  result.spend = read_spend_settings(settings);
  return result;
}

DispatcherSettings DispatcherSettings::read(service::Settings& settings,
                                            const std::vector<std::unique_ptr<Provider>>& providers) {
  DispatcherSettings result = declare(settings);
  result.chains.email =
      known_names("EMAIL_PROVIDER_CHAIN", result.chains.email, events::Channel::EMAIL, providers, settings);
  result.chains.sms = known_names("SMS_PROVIDER_CHAIN", result.chains.sms, events::Channel::SMS, providers, settings);
  for (const auto& provider : providers) {
    if (provider->channel() == events::Channel::SLACK) result.chains.slack.emplace_back(provider->name());
  }
  return result;
}

}  // namespace carillon::dispatcher
