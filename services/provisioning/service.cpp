#include "provisioning/service.hpp"

#include "bus/make_bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::size_t pool_connections_max = 4;
constexpr std::array written{bus::topics::client_state, bus::topics::send_requests, bus::topics::feedback,
                             bus::topics::audit, bus::topics::billing_events_dlq};
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
                           platform.bell, platform.clock, written, read)),
        pool_(platform.connection(role, "provisioning http"), pool_connections_max) {}

  ~Provisioning() override { stop(); }

  std::string name() const override { return "provisioning"; }

  void routes(http::Router&) override {}

  std::vector<service::ReadyCheck> ready_checks() override { return {}; }

  void start() override {}

  void stop() override {}

 private:
  const ProvisioningSettings settings_;
  std::unique_ptr<bus::Bus> bus_;
  pg::Pool pool_;
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
