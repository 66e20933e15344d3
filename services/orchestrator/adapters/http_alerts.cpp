#include "orchestrator/adapters/http_alerts.hpp"

#include "http/media_type.hpp"
#include "orchestrator/core/alert_thresholds.hpp"
#include "orchestrator/core/send_request.hpp"
#include "pages/access.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using http::json_string;
using security::Role;

http::Response refused(const Failure& failure) {
  if (failure.code != "INVALID_FIELD") return http::problem(400, failure.code, failure.detail);
  return http::problem(400, failure.code, failure.detail, "\"field\":" + json_string(failed_field(failure)));
}

AlertAsker asker_of(const http::Request& request) {
  return {pages::actor_of(request), request.params.at("id"), request.traceparent};
}

const char* name_of(ChannelState state) {
  if (state == ChannelState::READY) return "READY";
  return state == ChannelState::NO_ADDRESS ? "NO_ADDRESS" : "NOT_CONFIGURED";
}

std::string entry_json(const AlertLogEntry& entry) {
  std::string out = "{\"message_id\":" + json_string(entry.message_id) + ",\"channel\":" + json_string(entry.channel) +
                    ",\"type\":" + json_string(entry.type) + ",\"state\":" + json_string(entry.state);
  out += entry.sent ? ",\"sent\":true" : ",\"sent\":false";
  out += ",\"error_message\":" + json_string(entry.error_message) + ",\"payload\":" + entry.payload_json;
  return out + ",\"created_at\":" + json_string(to_rfc3339(entry.created_at)) + "}";
}

http::Response unavailable(std::string_view code, std::string_view detail) {
  http::Response response = http::problem(503, code, detail);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

void HttpAlerts::routes(http::Router& router) {
  const auto noted = [this](const char* what) {
    return [this, what](const http::Request& request, const pages::Visitor& visitor, std::string_view code) {
      alerts_.note_refused(visitor.account_id,
                           {"account:" + visitor.account_id, visitor.client_id, request.traceparent}, what, code);
    };
  };
  const auto reads =
      pages::require_scope_or_session(platform_, "admin", {Role::OWNER, Role::STAFF, Role::ADMIN}, noted("READ"));
  const auto writes = [&](const char* what) {
    return pages::require_scope_or_session(platform_, "admin", {Role::OWNER, Role::ADMIN}, noted(what));
  };
  router.add(http::Method::GET, "/api/tenants/{id}/notifications", of_tenant(&HttpAlerts::show, "READ"), reads);
  router.add(http::Method::PUT, "/api/tenants/{id}/notifications", of_tenant(&HttpAlerts::change, "CHANGE"),
             writes("CHANGE"));
  router.add(http::Method::POST, "/api/tenants/{id}/notifications/test", of_tenant(&HttpAlerts::test, "TEST"),
             writes("TEST"));
  router.add(http::Method::GET, "/api/tenants/{id}/notifications/log", of_tenant(&HttpAlerts::log, "READ"), reads);
}

// A tenant's people see their own and no other; who may see all learns when there is none.
http::Handler HttpAlerts::of_tenant(http::Response (HttpAlerts::*handler)(const http::Request&), const char* what) {
  return [this, handler, what](const http::Request& request) {
    const std::string& tenant_id = request.params.at("id");
    const auto visitor = pages::visitor_if_any(request);
    if (visitor && visitor->role != Role::ADMIN && visitor->client_id != tenant_id) {
      alerts_.note_refused(visitor->account_id, {pages::actor_of(request), visitor->client_id, request.traceparent},
                           what, "OTHER_TENANT");
      return http::problem(403, "FORBIDDEN", "this is another tenant's");
    }
    if (!ready_()) return unavailable("NOT_READY", "clients and providers are still being read");
    if (!alerts_.knows_tenant(tenant_id))
      return http::problem(404, "TENANT_NOT_FOUND", "there is no tenant of that id");
    return (this->*handler)(request);
  };
}

http::Response HttpAlerts::show(const http::Request& request) {
  return http::json(200, settings_json(alerts_.find(request.params.at("id"))));
}

http::Response HttpAlerts::change(const http::Request& request) {
  if (!http::is_json(http::media_type(request)))
    return http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
  const auto change = read_alert_change(request.body, slack_hosts_);
  if (!change) return refused(change.error());
  return http::json(200, settings_json(alerts_.save(asker_of(request), *change)));
}

http::Response HttpAlerts::test(const http::Request& request) {
  const auto sent = alerts_.send_test(asker_of(request));
  if (!sent) {
    http::Response response = http::problem(429, sent.error().code, sent.error().detail);
    response.headers.emplace_back("Retry-After", std::to_string(std::chrono::seconds(alert_debounce).count()));
    return response;
  }
  std::string body = "{\"items\":[";
  for (const AlertLogEntry& entry : sent->items) body += (&entry == sent->items.data() ? "" : ",") + entry_json(entry);
  return http::json(202, body + "]}");
}

http::Response HttpAlerts::log(const http::Request& request) {
  const auto query = read_alert_log_query(request.query);
  if (!query) return refused(query.error());
  const AlertLogPage page = alerts_.log(request.params.at("id"), *query);
  std::string body = "{\"items\":[";
  for (const AlertLogEntry& entry : page.items) body += (&entry == page.items.data() ? "" : ",") + entry_json(entry);
  return http::json(
      200, body + "],\"next_cursor\":" + (page.next ? json_string(alert_log_cursor(*page.next)) : "null") + "}");
}

std::string HttpAlerts::settings_json(const AlertSettings& settings) const {
  std::string out = "{\"tenant_id\":" + json_string(settings.tenant_id) + ",\"email\":" + json_string(settings.email);
  const std::string& webhook = settings.slack_webhook;
  out += ",\"slack_webhook_url\":" + json_string(webhook.empty() ? "" : masked(webhook));
  out += ",\"alerts\":" + settings.toggles.json() + ",\"channels\":{";
  for (const events::Channel channel : alert_channels) {
    out += channel == alert_channels.front() ? "\"" : ",\"";
    out += std::string(events::enum_name(channel)) + "\":\"" + name_of(alerts_.state_of(settings, channel)) + "\"";
  }
  out += "},\"updated_at\":" + (settings.updated_at ? json_string(to_rfc3339(*settings.updated_at)) : "null");
  return out + ",\"updated_by\":" + json_string(settings.updated_by) + "}";
}

}  // namespace carillon::orchestrator
