#include "orchestrator/adapters/http_preferences.hpp"

#include "http/media_type.hpp"
#include "orchestrator/adapters/quiet_failures.hpp"
#include "orchestrator/core/send_request.hpp"
#include "orchestrator/core/suppression_filter.hpp"
#include "pages/visitor.hpp"

namespace carillon::orchestrator {
namespace {

using http::json_string;

http::Response refused(const Failure& failure) {
  if (failure.code == "TOO_MANY_RECIPIENTS") return http::problem(409, failure.code, failure.detail);
  const int status = failure.code == "ALWAYS_SENT" ? 422 : 400;
  return http::problem(status, failure.code, failure.detail, "\"field\":" + json_string(failed_field(failure)));
}

std::string wishes_json(const WishesOf& whose, const ClientWishes& wishes, const events::ClientState& client) {
  std::string out = "{\"client_id\":" + json_string(whose.client_id);
  if (whose.recipient_hashes.empty()) {
    out += ",\"quiet_hours\":" + (wishes.quiet_hours ? json_string(to_text(*wishes.quiet_hours)) : "null");
    out += ",\"time_zone\":" + json_string(is_time_zone(client.time_zone) ? client.time_zone : "UTC");
  } else {
    out += ",\"recipient_hash\":" + json_string(whose.recipient_hashes.front());
  }
  out += ",\"preferences\":[";
  for (const Preference& one : wishes.preferences) {
    out += &one == wishes.preferences.data() ? "{" : ",{";
    out += "\"channel\":" + json_string(events::enum_name(one.channel)) + ",\"scope\":" + json_string(one.scope) +
           ",\"enabled\":" + (one.enabled ? "true" : "false") + "}";
  }
  return out + "]}";
}

class Routes {
 public:
  Routes(ClientPreferences& preferences, const Facts& facts) : preferences_(preferences), facts_(facts) {}

  http::Response get(const http::Request& request) const {
    return with(request, [&](const WishesOf& whose, const events::ClientState& client) {
      return http::json(200, wishes_json(whose, preferences_.read(whose), client));
    });
  }

  http::Response put(const http::Request& request) const {
    if (!http::is_json(http::media_type(request)))
      return http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
    return with(request, [&](const WishesOf& whose, const events::ClientState& client) {
      const auto catalog = facts_.templates.catalog();
      if (!catalog) return http::problem(503, "NOT_READY", "templates are not loaded yet");
      const auto change = read_wishes(request.body, *catalog, !whose.recipient_hashes.empty());
      if (!change) return refused(change.error());
      const auto wishes = preferences_.change(whose, *change, pages::actor_of(request), request.traceparent);
      return wishes ? http::json(200, wishes_json(whose, *wishes, client)) : refused(wishes.error());
    });
  }

 private:
  // Of the client that the path names, and of its recipient.
  template <class Handle>
  http::Response with(const http::Request& request, Handle handle) const {
    WishesOf whose{request.params.at("id"), {}};
    const auto visitor = pages::visitor_if_any(request);
    if (visitor && visitor->role != security::Role::ADMIN && visitor->client_id != whose.client_id)
      return http::problem(403, "FORBIDDEN", "these are another client's preferences");
    const auto client = facts_.clients.find(whose.client_id);
    if (!client) return http::problem(404, "CLIENT_NOT_FOUND", "there is no such client");
    if (const auto recipient = request.params.find("recipient"); recipient != request.params.end()) {
      auto hashes = hashes_of(recipient->second, facts_.sealer);
      if (!hashes)
        return refused({"INVALID_FIELD",
                        "recipient: must be an e-mail address, a number such as +441632960000, a "
                        "webhook URL, or a recipient_hash"});
      whose.recipient_hashes = std::move(*hashes);
    }
    return handle(whose, *client);
  }

  ClientPreferences& preferences_;
  const Facts& facts_;
};

}  // namespace

void add_preference_routes(http::Router& router, ClientPreferences& preferences, const Facts& facts,
                           http::Guard readers, http::Guard writers) {
  // A path may hold an address.
  readers = quiet_guard(std::move(readers));
  writers = quiet_guard(std::move(writers));
  const Routes routes(preferences, facts);
  const auto get = quiet_handler([routes](const http::Request& request) { return routes.get(request); });
  const auto put = quiet_handler([routes](const http::Request& request) { return routes.put(request); });
  router.add(http::Method::GET, "/api/clients/{id}/preferences", get, readers);
  router.add(http::Method::PUT, "/api/clients/{id}/preferences", put, writers);
  router.add(http::Method::GET, "/api/clients/{id}/preferences/{recipient}", get, readers);
  router.add(http::Method::PUT, "/api/clients/{id}/preferences/{recipient}", put, writers);
}

}  // namespace carillon::orchestrator
