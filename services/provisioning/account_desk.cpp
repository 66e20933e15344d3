#include "provisioning/account_desk.hpp"

#include "provisioning/adapters/http_accounts.hpp"
#include "security/sessions.hpp"

namespace carillon::provisioning {

AccountDesk::AccountDesk(const AccountSettings& settings, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
                         const std::string& own_role, security::PasswordCost cost)
    : platform_(platform),
      pool_(pool),
      bus_(bus),
      accounts_(settings, platform.public_url, platform.sealer),
      passwords_(cost),
      log_in_(pool, bus, platform.sealer, passwords_, settings.limits, platform.sessions.limits()),
      set_password_(pool, bus, platform.sealer, passwords_, settings.limits),
      resets_(platform.connection(own_role, "provisioning resets"), bus, platform.sealer, platform.clock, accounts_,
              settings.limits),
      housekeeping_(platform.connection(own_role, "provisioning account tidy"), platform.clock,
                    platform.sessions.limits()),
      pages_(settings, platform, pool, bus, log_in_, set_password_, resets_) {}

void AccountDesk::routes(http::Router& router) {
  pages_.routes(router);
  add_account_routes(router, platform_, pool_, bus_, accounts_);
}

void AccountDesk::start() {
  resets_.start();
  housekeeping_.start();
}

void AccountDesk::stop() {
  resets_.stop();
  housekeeping_.stop();
}

}  // namespace carillon::provisioning
