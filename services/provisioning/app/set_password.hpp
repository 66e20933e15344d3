// A password is set with a link: once, within its time.
//
// Thread-safe. Blocks on the database and for a password's hash; holds no connection meanwhile.
#pragma once
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/login_attempts.hpp"
#include "security/accounts.hpp"
#include "security/passwords.hpp"
#include "security/seal.hpp"

namespace carillon::provisioning {

// Links that nobody has are audited once in this time at most, with how many there were: anybody can make them up.
inline constexpr std::chrono::seconds unknown_link_pause{60};

struct SetPasswordRequest {
  std::string link;  // the token
  std::string password;
  std::string client_address;
  std::string traceparent;
};

struct SetPasswordAnswer {
  security::LinkState link = security::LinkState::UNKNOWN;  // VALID: the password is set, unless `refused`
  std::optional<Failure> refused = {};                      // PASSWORD_...; PASSWORDS_BUSY
  std::string email = {};                                   // of a valid link's account
};

class SetPassword {
 public:
  SetPassword(pg::Pool& pool, bus::Bus& bus, const security::Sealer& sealer, security::Passwords& passwords,
              const LoginLimits& limits);
  // What a link is good for; changes nothing, so that programs which follow links in mails do no harm.
  security::FoundLink look_at(const std::string& link, UtcTime now);
  SetPasswordAnswer operator()(const SetPasswordRequest& request, UtcTime now);

 private:
  // Counts one more of these; how many to tell of now, or 0.
  std::int64_t unknown_links_to_tell(UtcTime now);
  void audit_refusal(const SetPasswordRequest& request, const security::FoundLink& link, UtcTime now);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  security::Passwords& passwords_;
  const LoginLimits& limits_;
  std::mutex mutex_;
  std::int64_t unknown_links_ = 0;       // mutex_; not told of yet
  std::optional<UtcTime> told_at_ = {};  // mutex_
};

}  // namespace carillon::provisioning
