#include "provisioning/account_settings.hpp"

#include "limits/limit_settings.hpp"

namespace carillon::provisioning {

AccountSettings AccountSettings::read(service::Settings& settings) {
  AccountSettings read;
  read.set_password_link = std::chrono::hours(settings.integer(
      "PASSWORD_LINK_HOURS", 72, 1, 720, "How long the link lasts with which somebody sets their first password"));
  read.reset_password_link = std::chrono::minutes(settings.integer(
      "PASSWORD_RESET_LINK_MINUTES", 60, 5, 1'440, "How long the link lasts that somebody asked for who forgot it"));
  read.limits.logins_per_account = rate_limit_setting(settings, "LOGIN_ACCOUNT_RATE_LIMIT", "10/15m",
                                                      "Failed logins of one address of e-mail, known or not, from one "
                                                      "network address");
  read.limits.logins_per_account_total =
      rate_limit_setting(settings, "LOGIN_ACCOUNT_TOTAL_RATE_LIMIT", "100/15m",
                         "Failed logins of one address of e-mail from all network addresses together: against guesses "
                         "from many of them");
  read.limits.logins_per_ip = rate_limit_setting(settings, "LOGIN_IP_RATE_LIMIT", "100/15m",
                                                 "Failed logins from one network address, over all accounts");
  read.limits.resets_per_account = rate_limit_setting(settings, "PASSWORD_RESET_ACCOUNT_RATE_LIMIT", "3/1h",
                                                      "Links to reset a password for one account");
  read.limits.resets_per_ip =
      rate_limit_setting(settings, "PASSWORD_RESET_IP_RATE_LIMIT", "30/1h", "Resets asked for from one address");
  read.trusted_proxies = networks_setting(
      settings, "LOGIN_TRUSTED_PROXIES",
      "Addresses or networks whose X-Forwarded-For is believed when logins are counted by address, such as 10.0.0.0/8: "
      "your proxies");
  return read;
}

}  // namespace carillon::provisioning
