#include "provisioning/app/accounts.hpp"

#include <stdexcept>

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "http/message.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "values/message_id.hpp"

namespace carillon::provisioning {
namespace {

struct LinkMessage {
  const char* template_key;
  const char* variable;
  const char* reason;
  std::string url;
  std::string idempotency_key;
  std::int64_t client_version = 0;
  UtcTime expires_at{};
};

// Recipient and link are sealed; what else is in the request tells nobody whom it is for.
std::string publish_link(bus::Outbox& out, const security::Account& account, LinkMessage message,
                         const security::Sealer& sealer, UtcTime now, std::string_view traceparent) {
  events::SealedContent content;
  content.recipient = account.email;
  content.variables.text = "{\"" + std::string(message.variable) + "\":" + http::json_string(message.url) + "}";
  events::SendRequest send;
  send.message_id = new_uuid(now);
  send.source = event_source;
  send.idempotency_key = std::move(message.idempotency_key);
  send.template_key = message.template_key;
  send.client_id = account.client_id;
  send.sealed = sealer.seal(events::to_json(content), send.message_id);
  send.min_client_version = message.client_version;
  send.expires_at = message.expires_at;  // a link that is over by then helps nobody
  send.accepted_at = now;
  send.context = events::Context{std::string(event_source), message.reason};
  send.metadata = {{"account_id", account.id}};
  out.publish(bus::topics::send_requests,
              {account.client_id,
               events::binary_headers("carillon.send-request.v1", event_source, send.message_id, now, traceparent),
               events::to_json(send)});
  return send.message_id;
}

}  // namespace

Accounts::Accounts(const AccountSettings& settings, std::string public_url, const security::Sealer& sealer)
    : settings_(settings), public_url_(std::move(public_url)), sealer_(sealer) {}

Result<security::MadeAccount> Accounts::create_account(pg::Transaction& tx, bus::Outbox& out, std::string_view email,
                                                       security::Role role, std::string_view client_id,
                                                       std::string_view actor, UtcTime now) const {
  auto made = security::make_account(tx, email, role, client_id, now);
  if (made && made->account.is_disabled)
    return Failure{"ACCOUNT_CLOSED", "email: the account of this address was closed; nobody gets in with it"};
  if (!made || !made->made) return made;
  const security::Account& account = made->account;
  AuditFacts facts{"ACCOUNT_CREATED", std::string(actor), "account", account.id};
  facts.client_id = account.client_id;
  facts.outcome = "CREATED";
  facts.details = {{"role", std::string(security::name_of(role))}, {"email_hash", sealer_.reference(account.email)}};
  publish_audit(out, std::move(facts), now);
  return made;
}

std::string Accounts::new_password_link(pg::Transaction& tx, const security::Account& account,
                                        security::LinkPurpose purpose, UtcTime now) const {
  if (!can_make_links()) throw std::logic_error("no address that a link could begin with");
  const bool is_reset = purpose == security::LinkPurpose::RESET_PASSWORD;
  return public_url_ + "/set-password?t=" +
         security::make_password_link(tx, account.id, purpose,
                                      is_reset ? settings_.reset_password_link : settings_.set_password_link, now);
}

std::string Accounts::send_welcome(pg::Transaction& tx, bus::Outbox& out, const security::Account& account,
                                   std::int64_t client_version, std::string idempotency_key, UtcTime now,
                                   std::string_view traceparent) const {
  LinkMessage message{"WELCOME_EMAIL", "set_password_url", "welcome"};
  message.url = new_password_link(tx, account, security::LinkPurpose::SET_PASSWORD, now);
  message.idempotency_key = std::move(idempotency_key);
  message.client_version = client_version;
  message.expires_at = now + settings_.set_password_link;
  return publish_link(out, account, std::move(message), sealer_, now, traceparent);
}

std::string Accounts::send_reset(pg::Transaction& tx, bus::Outbox& out, const security::Account& account, UtcTime now,
                                 std::string_view traceparent) const {
  LinkMessage message{"PASSWORD_RESET", "reset_url", "password reset"};
  message.url = new_password_link(tx, account, security::LinkPurpose::RESET_PASSWORD, now);
  message.idempotency_key = "password-reset/" + new_uuid(now);
  message.expires_at = now + settings_.reset_password_link;
  return publish_link(out, account, std::move(message), sealer_, now, traceparent);
}

}  // namespace carillon::provisioning
