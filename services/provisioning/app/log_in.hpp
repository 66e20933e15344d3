// A login: counts the try, compares the password, begins a session. The answer to a wrong password and to an address
// that has no account is the same and takes the same time: a hash is compared either way.
//
// Thread-safe. Blocks on the database and for a password's hash; holds no connection meanwhile.
#pragma once
#include <chrono>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/login_attempts.hpp"
#include "provisioning/core/login_limits.hpp"
#include "security/accounts.hpp"
#include "security/passwords.hpp"
#include "security/seal.hpp"

namespace carillon::provisioning {

struct LoginRequest {
  std::string email;
  std::string password;
  std::string client_address;
  std::string old_session_id;  // of the cookie that came along; it ends. "" for none
  std::string traceparent;
};

enum class LoginOutcome { LOGGED_IN, WRONG, LIMITED, BUSY };

struct LoginAnswer {
  LoginOutcome outcome = LoginOutcome::WRONG;
  std::string token = {};                       // of the new session
  security::Role role = security::Role::STAFF;  // of who logged in
  std::chrono::seconds wait{};                  // LIMITED: until another try
};

class LogIn {
 public:
  LogIn(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, security::Passwords& passwords,
        const LoginLimits& limits, security::SessionLimits session_limits);
  LoginAnswer operator()(const LoginRequest& request, UtcTime now);

 private:
  std::optional<std::chrono::seconds> count(const LoginRequest& request, const Tries& tries, UtcTime now);
  std::optional<security::Account> find(const std::string& email);
  void give_back(const Tries& tries);
  LoginAnswer refuse(const LoginRequest& request, const Tries& tries, const std::optional<security::Account>& account,
                     UtcTime now);
  LoginAnswer let_in(const LoginRequest& request, const Tries& tries, const security::Account& account, UtcTime now);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  security::Passwords& passwords_;
  const LoginLimits& limits_;
  const security::SessionLimits session_limits_;
};

}  // namespace carillon::provisioning
