#include "provisioning/service.hpp"

#include "bus/make_bus.hpp"
#include "bus/republisher.hpp"
#include "postgres/pool.hpp"
#include "provisioning/account_desk.hpp"
#include "provisioning/client_desk.hpp"
#include "provisioning/onboarding_desk.hpp"
#include "provisioning/schedule_desk.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::size_t pool_connections_max = 4;
constexpr std::array written{bus::topics::client_state, bus::topics::send_requests, bus::topics::feedback,
                             bus::topics::audit, bus::topics::billing_events_dlq};
constexpr std::array written_most{bus::topics::client_state};
constexpr std::array read{bus::topics::billing_events, bus::topics::client_state};

class Provisioning final : public service::Service {
 public:
  Provisioning(ProvisioningSettings settings, service::Platform& platform)
      : settings_(std::move(settings)),
        bus_(bus::make_bus(platform.kafka,
                           {.connection = platform.connection(role, "provisioning bus"),
                            .partitions = platform.bus_partitions,
                            .retention = platform.bus_retention,
                            .metrics = &platform.metrics},
                           platform.bell, platform.clock,
                           {.writes = written, .reads = read, .writes_most = written_most})),
        pool_(platform.connection(role, "provisioning http"), pool_connections_max),
        client_states_(*bus_, {.connection = platform.connection(role, "provisioning republisher"),
                               .topic = bus::topics::client_state,
                               .offsets_schema = "provisioning",
                               .retention = platform.bus_retention}),
        accounts_(settings_.accounts, platform, pool_, *bus_, role),
        clients_(settings_.step_attempts_max, platform, pool_, *bus_, accounts_.accounts(), role),
        onboarding_(settings_.onboarding, pool_, *bus_, platform, clients_),
        schedule_(settings_.schedule, pool_, *bus_, platform, clients_, role) {}

  ~Provisioning() override { stop(); }

  std::string name() const override { return "provisioning"; }

  void routes(http::Router& router) override {
    accounts_.routes(router);
    clients_.routes(router);
    onboarding_.routes(router);
    schedule_.routes(router);
  }

  std::vector<service::ReadyCheck> ready_checks() override { return {clients_.ready_check()}; }

  void start() override {
    client_states_.start();
    accounts_.start();
    clients_.start();
    onboarding_.start();
    schedule_.start();
  }

  void stop() override {
    schedule_.stop();
    onboarding_.stop();
    clients_.stop();
    accounts_.stop();
    client_states_.stop();
  }

 private:
  const ProvisioningSettings settings_;
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;
  bus::Republisher client_states_;
  AccountDesk accounts_;
  ClientDesk clients_;
  OnboardingDesk onboarding_;
  ScheduleDesk schedule_;
};

}  // namespace

std::unique_ptr<service::Service> make_provisioning(ProvisioningSettings settings, service::Platform& platform) {
  return std::make_unique<Provisioning>(std::move(settings), platform);
}

std::unique_ptr<service::Service> make_service(service::Settings& settings, service::Platform& platform) {
  return make_provisioning(ProvisioningSettings::read(settings), platform);
}

void declare_settings(service::Settings& settings) {
  ProvisioningSettings::read(settings);
}

pg::Schema schema() {
  return {"provisioning", role, provisioning_sql::migrations};
}

std::span<const bus::Topic> topics_written() {
  return written;
}

std::span<const bus::Topic> topics_read() {
  return read;
}

}  // namespace carillon::provisioning
