#include "provider-dispatcher/service.hpp"

#include <array>

#include "dispatcher_sql.hpp"
#include "provider-dispatcher/adapters/providers/aws/settings.hpp"
#include "provider-dispatcher/adapters/providers/console/settings.hpp"
#include "provider-dispatcher/adapters/providers/postmark/settings.hpp"
#include "provider-dispatcher/adapters/providers/registry.hpp"
#include "provider-dispatcher/adapters/providers/sendgrid/settings.hpp"
#include "provider-dispatcher/adapters/providers/ses/settings.hpp"
#include "provider-dispatcher/adapters/providers/slack/settings.hpp"
#include "provider-dispatcher/adapters/providers/smtp/settings.hpp"
#include "provider-dispatcher/adapters/providers/sns/settings.hpp"
#include "provider-dispatcher/adapters/providers/twilio/settings.hpp"
#include "provider-dispatcher/adapters/receipts/settings.hpp"
#include "provider-dispatcher/dispatcher_service.hpp"
#include "provider-dispatcher/settings.hpp"

namespace carillon::dispatcher {

namespace {
constexpr std::array written{bus::topics::message_log, bus::topics::audit,         bus::topics::provider_state,
                             bus::topics::feedback,    bus::topics::send_requests, bus::topics::dispatch_dlq};
constexpr std::array read{bus::topics::dispatch};
}  // namespace

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform) {
  auto providers = make_providers(settings, platform);
  const auto own = DispatcherSettings::read(settings, providers.list);
  auto service = std::make_unique<DispatcherService>(own.chains, platform, std::move(providers.list), own.spend,
                                                     ReceiptSettings::read(settings));
  service->administer(std::move(providers.ses_account));
  return service;
}

void declare_settings(service::Settings& settings) {
  DispatcherSettings::declare(settings);
  PostmarkSettings::read(settings);
  aws::AwsSettings::read(settings);
  SesSettings::read(settings);
  SendgridSettings::read(settings);
  SmtpSettings::read(settings);
  SnsSettings::read(settings);
  TwilioSettings::read(settings);
  SlackSettings::read(settings);
  ConsoleSettings::read(settings);
  ReceiptSettings::read(settings);
}

pg::Schema schema() {
  return {"dispatcher", role, dispatcher_sql::migrations};
}

std::span<const bus::Topic> topics_written() {
  return written;
}
std::span<const bus::Topic> topics_read() {
  return read;
}

}  // namespace carillon::dispatcher
