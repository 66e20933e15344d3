#include "provider-dispatcher/adapters/providers/registry.hpp"

#include "provider-dispatcher/adapters/providers/console/client.hpp"
#include "provider-dispatcher/adapters/providers/postmark/client.hpp"
#include "provider-dispatcher/adapters/providers/smtp/client.hpp"
#include "provider-dispatcher/adapters/providers/twilio/client.hpp"

namespace carillon::dispatcher {

std::vector<std::unique_ptr<Provider>> make_providers(service::Settings& settings, service::Platform& platform) {
  std::vector<std::unique_ptr<Provider>> providers;
  providers.push_back(std::make_unique<PostmarkClient>(PostmarkSettings::read(settings), platform.http));
  providers.push_back(std::make_unique<SmtpClient>(SmtpSettings::read(settings), platform.clock));
  providers.push_back(std::make_unique<TwilioClient>(TwilioSettings::read(settings), platform.http));
  providers.push_back(std::make_unique<ConsoleClient>(ConsoleSettings::read(settings), platform.http));
  return providers;
}

}  // namespace carillon::dispatcher
