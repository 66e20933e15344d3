// Somebody who is signed in: the cookie and the CSRF token that a browser would send. For tests of pages that are not
// about logging in.
#pragma once
#include <string>
#include <utility>

#include "http/message.hpp"
#include "http/url.hpp"
#include "pages/visitor.hpp"
#include "postgres/connection.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"
#include "security/seal.hpp"
#include "security/sessions.hpp"

namespace carillon::testing {

struct SignedIn {
  // `owner`: the database's, in which schema identity is migrated.
  SignedIn(pg::Connection& owner, const security::Sealer& sealer, UtcTime now, security::Role role) {
    pg::Transaction tx(owner);
    const std::string email = std::string(security::name_of(role)) + "@example.com";
    const std::string client = role == security::Role::ADMIN ? "" : "acme";
    account_id = security::make_account(tx, email, role, client, now).value().account.id;
    token = security::begin_session(tx, account_id, {}, now);
    const auto rows = tx.run("SELECT session_id FROM identity.sessions WHERE account_id = '" + account_id + "'");
    csrf = security::csrf_token(sealer, rows[0][0].c_str(), now);
    tx.commit();
  }

  http::Fields headers() const {
    return {{"Cookie", std::string(pages::session_cookie_name) + "=" + token},
            {"Content-Type", "application/x-www-form-urlencoded"}};
  }
  // The body of a form of one of this session's pages.
  std::string form(http::Fields fields, bool with_csrf = true) const {
    if (with_csrf) fields.emplace_back("csrf", csrf);
    return http::form_encoded(fields);
  }

  std::string account_id, token, csrf;
};

}  // namespace carillon::testing
