#include "health-aggregator/adapters/dashboard.hpp"

namespace carillon::health {

Dashboard::Dashboard(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const ProviderBoard& providers,
                     pg::ConnectionSettings live, std::span<const bus::Topic> written)
    : health_(platform, pool, providers, std::move(live)),
      messages_(platform, pool, bus),
      audit_(platform, pool),
      dead_letters_(platform, pool, bus, written) {}

void Dashboard::routes(http::Router& router) {
  health_.routes(router);
  messages_.routes(router);
  audit_.routes(router);
  dead_letters_.routes(router);
}

}  // namespace carillon::health
