// Pages of accounts: /login, /logout, /forgot-password, /set-password, /admin/more, and "/" that leads to one of them.
// They block on the database, so they run on the server's workers. Forms without a session are judged by where they
// come from (pages::require_own_form), the others by their CSRF token.
#pragma once
#include "http/router.hpp"
#include "limits/proxy_warning.hpp"
#include "provisioning/account_settings.hpp"
#include "provisioning/app/log_in.hpp"
#include "provisioning/app/request_resets.hpp"
#include "provisioning/app/set_password.hpp"
#include "service/service.hpp"

namespace carillon::provisioning {

class AccountPages {
 public:
  AccountPages(const AccountSettings& settings, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
               LogIn& log_in, SetPassword& set_password, RequestResets& resets);
  void routes(http::Router& router);

 private:
  std::string address_of(const http::Request& request);  // that counts for the limits
  http::Response front(const http::Request& request);
  http::Response show_login(const http::Request& request);
  http::Response log_in(const http::Request& request);
  http::Response log_out(const http::Request& request);
  http::Response show_forgotten(const http::Request& request);
  http::Response ask_for_reset(const http::Request& request);
  http::Response show_link(const http::Request& request);
  http::Response set_password(const http::Request& request);
  http::Response more(const http::Request& request);

  const AccountSettings& settings_;
  ProxyWarning proxy_warning_{"LOGIN_TRUSTED_PROXIES", settings_.trusted_proxies};
  service::Platform& platform_;
  pg::Pool& pool_;
  bus::Bus& bus_;
  LogIn& log_in_;
  SetPassword& set_password_;
  RequestResets& resets_;
};

}  // namespace carillon::provisioning
