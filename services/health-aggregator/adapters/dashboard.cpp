#include "health-aggregator/adapters/dashboard.hpp"

namespace carillon::health {

Dashboard::Dashboard(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const ProviderBoard& providers,
                     pg::ConnectionSettings live, const SpikeRule& spike, std::span<const bus::Topic> sent_back)
    : health_(platform, pool, providers, std::move(live), spike),
      messages_(platform, pool, bus),
      audit_(platform, pool),
      dead_letters_(platform, pool, bus, sent_back) {}

void Dashboard::routes(http::Router& router) {
  health_.routes(router);
  messages_.routes(router);
  audit_.routes(router);
  dead_letters_.routes(router);
}

}  // namespace carillon::health
