// Settings of accounts: how long links last, how often somebody may try.
#pragma once
#include <chrono>
#include <vector>

#include "limits/client_address.hpp"
#include "provisioning/core/login_limits.hpp"
#include "service/settings.hpp"

namespace carillon::provisioning {

struct AccountSettings {
  std::chrono::seconds set_password_link = std::chrono::hours{72};
  std::chrono::seconds reset_password_link = std::chrono::hours{1};
  LoginLimits limits;
  std::vector<Network> trusted_proxies;

  static AccountSettings read(service::Settings& settings);
};

}  // namespace carillon::provisioning
