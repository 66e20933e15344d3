#include "health-aggregator/adapters/http_messages.hpp"

#include "health-aggregator/adapters/http_answers.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/app/record_view.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

namespace {

std::string owner_of(const http::Request& request) {
  const auto owner = request.params.find("api_key_owner");
  return owner == request.params.end() ? std::string() : "api:" + owner->second;
}

bool is_admin(const http::Request& request) {
  const auto admin = request.params.find("api_key_admin");
  return admin != request.params.end() && admin->second == "true";
}

}  // namespace

HttpMessages::HttpMessages(service::Platform& platform, pg::Pool& pool, bus::Bus& bus)
    : platform_(platform), pool_(pool), bus_(bus) {}

void HttpMessages::add_to(http::Router& router) {
  router.add(
      http::Method::GET, "/api/notifications/{id}",
      [this](const http::Request& request) { return own_message(request); },
      service::require_scope(platform_, "notifications:read"));
  router.add(
      http::Method::GET, "/api/admin/message-logs", [this](const http::Request& request) { return list(request); },
      service::require_scope(platform_, "admin"));
  router.add(
      http::Method::GET, "/api/admin/message-logs/{id}",
      [this](const http::Request& request) { return detail(request); }, service::require_scope(platform_, "admin"));
}

http::Response HttpMessages::own_message(const http::Request& request) {
  if (auto failure = refuse_unknown(request.query, {})) return bad_request(*failure);
  const std::string& id = request.params.at("id");
  if (!is_uuid(id)) return not_found(id);
  const auto message = find_message(*pool_.take(), id);
  // A message of somebody else is answered like one that does not exist.
  if (!message || (message->facts.source != owner_of(request) && !is_admin(request))) return not_found(id);
  return http::json(200, message_json(*message, false));
}

http::Response HttpMessages::list(const http::Request& request) {
  auto filter = read_message_filter(request.query);
  if (!filter) return bad_request(filter.error());
  auto page = find_messages(*pool_.take(), *filter, platform_.sealer);
  if (!page) return bad_request(page.error());
  JsonWriter json;
  json.begin_object().key("items").begin_array();
  for (const MessageView& message : page->messages) write_message(json, message);
  json.end_array().member("next_cursor", page->next_cursor).end_object();
  return http::json(200, json.text());
}

http::Response HttpMessages::detail(const http::Request& request) {
  if (auto failure = refuse_unknown(request.query, {})) return bad_request(*failure);
  const std::string& id = request.params.at("id");
  if (!is_uuid(id)) return not_found(id);
  const auto message = find_message(*pool_.take(), id);
  if (!message) return not_found(id);
  // Recorded before it is shown: who can't be recorded sees nothing.
  record_view(pool_, bus_, {owner_of(request), id, message->facts.client_id, request.traceparent},
              platform_.clock.now());
  return http::json(200, message_json(*message, true));
}

http::Response HttpMessages::not_found(const std::string& message_id) const {
  const std::optional<UtcTime> accepted_at = uuid_time(message_id);
  const UtcTime now = platform_.clock.now();
  if (accepted_at && *accepted_at <= now + logged_within && now - *accepted_at <= logged_within) {
    http::Response response =
        http::problem(404, "MESSAGE_NOT_LOGGED_YET",
                      "nothing has been logged of this message yet; if it was accepted just now, ask again");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }
  return http::problem(404, "MESSAGE_NOT_FOUND", "there is no message of that id");
}

}  // namespace carillon::health
