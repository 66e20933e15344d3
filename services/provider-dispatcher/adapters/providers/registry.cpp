#include "provider-dispatcher/adapters/providers/registry.hpp"

#include "provider-dispatcher/adapters/providers/console/client.hpp"
#include "provider-dispatcher/adapters/providers/postmark/client.hpp"
#include "provider-dispatcher/adapters/providers/sendgrid/client.hpp"
#include "provider-dispatcher/adapters/providers/ses/client.hpp"
#include "provider-dispatcher/adapters/providers/slack/client.hpp"
#include "provider-dispatcher/adapters/providers/smtp/client.hpp"
#include "provider-dispatcher/adapters/providers/sns/client.hpp"
#include "provider-dispatcher/adapters/providers/twilio/client.hpp"

namespace carillon::dispatcher {

Providers make_providers(service::Settings& settings, const ProviderParts& platform) {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<PostmarkClient>(PostmarkSettings::read(settings), platform.http));
  const auto amazon =
      std::make_shared<const aws::SignedCalls>(aws::AwsSettings::read(settings), platform.http, platform.io);
  const auto ses_settings = SesSettings::read(settings);
  providers.push_back(std::make_unique<SesClient>(ses_settings, amazon));
  providers.push_back(std::make_unique<SendgridClient>(SendgridSettings::read(settings), platform.http));
  providers.push_back(std::make_unique<SmtpClient>(SmtpSettings::read(settings), platform.clock));
  providers.push_back(std::make_unique<SnsClient>(SnsSettings::read(settings), amazon));
  providers.push_back(std::make_unique<TwilioClient>(TwilioSettings::read(settings), platform.http));
  providers.push_back(std::make_unique<ConsoleClient>(ConsoleSettings::read(settings), platform.http));
  providers.push_back(std::make_unique<SlackClient>(SlackSettings::read(settings), platform.http));
  return {std::move(providers), std::make_shared<const ses::Account>(ses_settings, amazon)};
}

}  // namespace carillon::dispatcher
