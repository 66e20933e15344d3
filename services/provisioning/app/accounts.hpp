// Accounts as other use cases make them: with their audit entries, and links that can be put into a message.
//
// One transaction, one thread; keeps nothing. Throws pg::Unavailable, pg::Conflict or pg::StatementError.
#pragma once
#include <string>
#include <string_view>

#include "bus/outbox.hpp"
#include "postgres/connection.hpp"
#include "provisioning/account_settings.hpp"
#include "security/accounts.hpp"
#include "security/seal.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

class Accounts {
 public:
  // `public_url`: Platform::public_url.
  Accounts(const AccountSettings& settings, std::string public_url, const security::Sealer& sealer);

  // Whether links can be made: CARILLON_PUBLIC_URL is set.
  bool can_make_links() const { return !public_url_.empty(); }

  // The account of that address, made when there is none (ACCOUNT_CREATED is audited then): called again it gives the
  // same one. Failures of security::make_account; ACCOUNT_CLOSED: it is there and disabled, so links lead nowhere.
  // `actor`: pages::actor_of, event_source, ...
  Result<security::MadeAccount> create_account(pg::Transaction& tx, bus::Outbox& out, std::string_view email,
                                               security::Role role, std::string_view client_id, std::string_view actor,
                                               UtcTime now) const;

  // "https://.../set-password?t=...": single use; lasts as long as its purpose says. Secret: only for a sealed message,
  // never for an answer or a log. Only where can_make_links().
  std::string new_password_link(pg::Transaction& tx, const security::Account& account, security::LinkPurpose purpose,
                                UtcTime now) const;

  // WELCOME_EMAIL with a new link, sealed; the message's id. `client_version`: the version of the client that says it
  // is provisioned; gating waits for it. One call a key: the link, and so the body, is another each time.
  std::string send_welcome(pg::Transaction& tx, bus::Outbox& out, const security::Account& account,
                           std::int64_t client_version, std::string idempotency_key, UtcTime now,
                           std::string_view traceparent = {}) const;
  // PASSWORD_RESET with a new link, sealed; the message's id.
  std::string send_reset(pg::Transaction& tx, bus::Outbox& out, const security::Account& account, UtcTime now,
                         std::string_view traceparent = {}) const;

 private:
  const AccountSettings& settings_;
  const std::string public_url_;
  const security::Sealer& sealer_;
};

}  // namespace carillon::provisioning
