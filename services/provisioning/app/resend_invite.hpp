// The mail with which a client's owner sets a password, once more, for an operator who was asked for it.
//
// Thread-safe; blocks on the database. Throws pg::Unavailable or pg::Conflict.
#pragma once
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/caller.hpp"
#include "provisioning/app/job_steps.hpp"
#include "time/clock.hpp"
#include "values/result.hpp"

namespace carillon::provisioning {

class ResendInvite {
 public:
  ResendInvite(pg::Pool& pool, bus::Bus& bus, const Clock& clock, const Accounts& accounts)
      : pool_(pool), bus_(bus), clock_(clock), accounts_(accounts) {}

  // The message's id: WELCOME_EMAIL to an owner without a password, else PASSWORD_RESET. Failures: CLIENT_NOT_FOUND,
  // ACCOUNT_NOT_READY (not PROVISIONED), CLIENT_HAS_NO_EMAIL, EMAIL_TAKEN, ACCOUNT_CLOSED, PUBLIC_URL_MISSING; each is
  // audited, nothing is sent.
  Result<std::string> operator()(const std::string& client_id, const Caller& caller);

 private:
  Result<std::string> send(pg::Transaction& tx, bus::Outbox& out, const std::string& client_id, const Caller& caller,
                           UtcTime now);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  const Accounts& accounts_;
};

}  // namespace carillon::provisioning
