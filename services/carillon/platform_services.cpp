#include "carillon/platform_services.hpp"

#include "attachments/attachments.hpp"
#include "billing-ingest/service.hpp"
#include "bus/postgres/postgres_bus.hpp"
#include "carillon/sandbox_service.hpp"
#include "health-aggregator/service.hpp"
#include "orchestrator/service.hpp"
#include "otp/service.hpp"
#include "provider-dispatcher/service.hpp"
#include "provisioning/service.hpp"
#include "security/accounts.hpp"
#include "security/api_keys.hpp"

namespace carillon {

service::AppOptions whole_platform() {
  service::AppOptions options;
  options.name = "carillon";
  // The dispatcher first: it publishes which providers are configured, which the orchestrator waits for.
  options.services = {make_sandbox_service,
                      dispatcher::make_service,
                      [](service::Settings& settings, service::Platform& platform) {
                        return orchestrator::make_service(settings, platform);
                      },
                      health::make_service,
                      otp::make_service,
                      billing::make_service,
                      provisioning::make_service};
  options.declare = {declare_sandbox_settings,      dispatcher::declare_settings, orchestrator::declare_settings,
                     health::declare_settings,      otp::declare_settings,        billing::declare_settings,
                     provisioning::declare_settings};
  options.migrate = migrate_platform;
  return options;
}

void migrate_platform(pg::Connection& owner) {
  pg::migrate(owner, bus::bus_schema());
  pg::migrate(owner, security::identity_schema());
  pg::migrate(owner, attachments::schema());
  const auto migrate_service = [&](const pg::Schema& schema, std::span<const bus::Topic> writes,
                                   std::span<const bus::Topic> reads) {
    pg::migrate(owner, schema);
    bus::grant_topics(owner, schema.role, writes, reads);
  };
  migrate_service(orchestrator::schema(), orchestrator::topics_written(), orchestrator::topics_read());
  migrate_service(dispatcher::schema(), dispatcher::topics_written(), dispatcher::topics_read());
  migrate_service(health::schema(), health::topics_written(), health::topics_read());
  migrate_service(otp::schema(), otp::topics_written(), otp::topics_read());
  migrate_service(billing::schema(), billing::topics_written(), billing::topics_read());
  migrate_service(provisioning::schema(), provisioning::topics_written(), provisioning::topics_read());
  security::grant_identity_keeper(owner, provisioning::role);
  attachments::grant_keeper(owner, orchestrator::role);
  attachments::grant_writer(owner, provisioning::role);
  attachments::grant_reader(owner, dispatcher::role);
}

}  // namespace carillon
