// A password is set with a link: once, within its time.
//
// Thread-safe. Blocks on the database and for a password's hash; holds no connection meanwhile.
#pragma once
#include <optional>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/login_attempts.hpp"
#include "security/accounts.hpp"
#include "security/passwords.hpp"
#include "security/seal.hpp"

namespace carillon::provisioning {

struct SetPasswordRequest {
  std::string link;  // the token
  std::string password;
  std::string traceparent;
};

struct SetPasswordAnswer {
  security::LinkState link = security::LinkState::UNKNOWN;  // VALID: the password is set, unless `refused`
  std::optional<Failure> refused = {};                      // PASSWORD_...; PASSWORDS_BUSY
  std::string email = {};                                   // of a valid link's account
};

class SetPassword {
 public:
  SetPassword(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, security::Passwords& passwords);
  // What a link is good for; changes nothing, so that programs which follow links in mails do no harm.
  security::FoundLink look_at(const std::string& link, UtcTime now);
  SetPasswordAnswer operator()(const SetPasswordRequest& request, UtcTime now);

 private:
  void audit_refusal(const SetPasswordRequest& request, const security::FoundLink& link, UtcTime now);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  security::Passwords& passwords_;
};

}  // namespace carillon::provisioning
