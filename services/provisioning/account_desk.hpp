// Everything of accounts in one piece: who may log in, with which password, and the pages for it.
#pragma once
#include "provisioning/account_settings.hpp"
#include "provisioning/adapters/account_pages.hpp"
#include "provisioning/app/account_housekeeping.hpp"
#include "provisioning/app/accounts.hpp"
#include "provisioning/app/log_in.hpp"
#include "provisioning/app/request_resets.hpp"
#include "provisioning/app/set_password.hpp"
#include "security/passwords.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

class AccountDesk {
 public:
  // All arguments outlive it. `own_role`: of the connections it opens itself.
  AccountDesk(const AccountSettings& settings, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
              const std::string& own_role, security::PasswordCost cost = {});
  void routes(http::Router& router);
  void start();
  void stop();
  const Accounts& accounts() const { return accounts_; }

 private:
  service::Platform& platform_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  Accounts accounts_;
  security::Passwords passwords_;
  LogIn log_in_;
  SetPassword set_password_;
  RequestResets resets_;
  AccountHousekeeping housekeeping_;
  AccountPages pages_;
};

}  // namespace carillon::provisioning
