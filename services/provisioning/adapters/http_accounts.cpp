#include "provisioning/adapters/http_accounts.hpp"

#include <rapidjson/document.h>

#include "events/json.hpp"
#include "http/media_type.hpp"
#include "pages/access.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"

namespace carillon::provisioning {
namespace {

using security::Role;

struct AccountBody {
  std::string email;
  Role role = Role::STAFF;
};

Failure invalid(std::string text) {
  return {"INVALID_FIELD", std::move(text)};
}

Result<AccountBody> read_body(const http::Request& request) {
  if (!http::is_json(http::media_type(request))) return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
  const auto object = events::parse_object(request.body);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  AccountBody body;
  std::string role;
  for (const auto& member : document.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    if (name != "email" && name != "role") return invalid("body: holds a field that is not known");
    if (!member.value.IsString()) return invalid(name + ": must be a text");
    (name == "email" ? body.email : role).assign(member.value.GetString(), member.value.GetStringLength());
  }
  const auto found = security::find_role(role);
  if (!found || *found == Role::ADMIN)
    return invalid("role: must be OWNER or STAFF; `carillon admin create` makes an ADMIN");
  body.role = *found;
  return body;
}

http::Response refused(const Failure& failure) {
  const int status = failure.code == "UNSUPPORTED_MEDIA_TYPE"                            ? 415
                     : failure.code == "EMAIL_TAKEN" || failure.code == "ACCOUNT_CLOSED" ? 409
                                                                                         : 422;
  return http::problem(failure.code == "MALFORMED_JSON" ? 400 : status, failure.code, failure.detail);
}

http::Response answer_of(const security::MadeAccount& made, bool is_invited) {
  const security::Account& account = made.account;
  return http::json(made.made ? 201 : 200, "{\"account_id\":" + http::json_string(account.id) +
                                               ",\"client_id\":" + http::json_string(account.client_id) +
                                               ",\"email\":" + http::json_string(account.email) +
                                               ",\"role\":" + http::json_string(security::name_of(account.role)) +
                                               ",\"created\":" + (made.made ? "true" : "false") +
                                               ",\"invited\":" + (is_invited ? "true" : "false") + "}");
}

}  // namespace

void add_account_routes(http::Router& router, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
                        const Accounts& accounts) {
  const auto handle = [&platform, &pool, &bus, &accounts](const http::Request& request) {
    const auto body = read_body(request);
    if (!body) return refused(body.error());
    const UtcTime now = platform.clock.now();
    auto connection = pool.take();
    pg::Transaction tx(*connection);
    bus::Outbox out;
    const auto client = find_client(tx, request.params.at("id"), Lock::FOR_UPDATE);  // not while it is removed
    if (!client || client->deleted) return http::problem(404, "CLIENT_NOT_FOUND", "there is no such client");
    const auto made =
        accounts.create_account(tx, out, body->email, body->role, client->id, pages::actor_of(request), now);
    if (!made) return refused(made.error());
    // Of a client that is not provisioned gating would refuse the message; resend-password-setup sends it later.
    const bool invite = made->made && client->is_provisioned() && accounts.can_make_links();
    if (invite)
      accounts.send_welcome(tx, out, made->account, client->version, "invite/" + made->account.id, now,
                            request.traceparent);
    bus.commit(out, tx);
    bus.wake(out);
    return answer_of(*made, invite);
  };
  router.add(http::Method::POST, "/api/admin/clients/{id}/accounts", handle,
             pages::require_scope_or_session(platform, "admin", {Role::ADMIN}));
}

}  // namespace carillon::provisioning
