#include "provisioning/onboarding_desk.hpp"

#include "pages/access.hpp"
#include "provisioning/adapters/http_number_pool.hpp"
#include "provisioning/adapters/http_onboarding.hpp"
#include "provisioning/adapters/number_pool_page.hpp"
#include "provisioning/adapters/twilio_webhooks.hpp"
#include "provisioning/service.hpp"

namespace carillon::provisioning {

OnboardingDesk::OnboardingDesk(const OnboardingSettings& settings, pg::Pool& pool, bus::Bus& bus,
                               service::Platform& platform, ClientDesk& clients)
    : settings_(settings),
      platform_(platform),
      clients_(clients),
      metrics_(platform.metrics),
      converse_(pool, bus, platform.sealer, platform.clock, metrics_, settings.rules, [this] { upkeep_.look_now(); }),
      manage_(pool, bus, platform.clock, metrics_, settings.own_number, [this] { upkeep_.look_now(); }),
      refusals_(pool, bus, platform.clock, metrics_),
      upkeep_(platform.connection(role, "provisioning upkeep"), bus, platform.clock, converse_, metrics_,
              settings.pool_warning_threshold, [this] { return clients_.settled(); }) {}

void OnboardingDesk::routes(http::Router& router) {
  const http::Guard open = [](http::Request&) { return std::optional<http::Response>{}; };
  const http::Guard admin = pages::require_scope_or_session(platform_, "admin", {security::Role::ADMIN});
  add_number_pool_routes(router, manage_, settings_.pool_warning_threshold, clients_.changes_when_settled(admin));
  add_number_pool_page(router, platform_, manage_, settings_.pool_warning_threshold,
                       [this](http::Guard guard) { return clients_.changes_when_settled(std::move(guard)); });
  add_onboarding_routes(router, converse_,
                        clients_.changes_when_settled(service::require_scope(platform_, onboarding_scope)));
  add_twilio_webhooks(router, converse_, refusals_, settings_.twilio_tokens, platform_.public_url,
                      clients_.changes_when_settled(open));
}

}  // namespace carillon::provisioning
