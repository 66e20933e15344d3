#include "integration/orchestrator/signed_in.hpp"

#include "http/url.hpp"
#include "pages/visitor.hpp"
#include "security/accounts.hpp"
#include "security/csrf.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator::testing {

SignedIn::SignedIn(Pipe& pipe, security::Role role, const std::string& client_id) : pipe_(pipe) {
  pg::Transaction tx(pipe.owner);
  const UtcTime now = pipe.clock.now();
  const std::string email = new_uuid(now) + "@example.com";
  account_id = security::make_account(tx, email, role, client_id, now).value().account.id;
  const std::string token = security::begin_session(tx, account_id, {}, now);
  tx.commit();
  cookie_ = std::string(pages::session_cookie_name) + "=" + token;
  const std::string session =
      pipe.owner.run("SELECT session_id FROM identity.sessions WHERE account_id = '" + account_id + "'")[0][0].c_str();
  csrf = security::csrf_token(pipe.sealer(), session, now);
}

http::Answer SignedIn::get(const std::string& path) {
  return call(http::Method::GET, path, {}, {});
}

http::Answer SignedIn::form(const std::string& path, http::Fields fields) {
  fields.emplace_back("csrf", csrf);
  return call(http::Method::POST, path, http::form_encoded(fields),
              {{"Content-Type", "application/x-www-form-urlencoded"}});
}

http::Answer SignedIn::json(const std::string& path, const std::string& body) {
  return call(http::Method::POST, path, body, {{"Content-Type", "application/json"}, {"X-CSRF-Token", csrf}});
}

http::Answer SignedIn::json_without_token(const std::string& path, const std::string& body) {
  return call(http::Method::POST, path, body, {{"Content-Type", "application/json"}});
}

http::Answer SignedIn::call(http::Method method, const std::string& path, std::string body, http::Fields headers) {
  http::Call call;
  call.method = method;
  call.url = pipe_.url() + path;
  call.headers = std::move(headers);
  call.headers.emplace_back("Cookie", cookie_);
  call.body = std::move(body);
  return pipe_.client.call_and_wait(std::move(call));
}

}  // namespace carillon::orchestrator::testing
