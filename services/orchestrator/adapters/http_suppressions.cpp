#include "orchestrator/adapters/http_suppressions.hpp"

#include "http/media_type.hpp"
#include "orchestrator/adapters/quiet_failures.hpp"

namespace carillon::orchestrator {
namespace {

using http::json_string;

std::string actor_of(const http::Request& request) {
  return "api:" + request.params.at("api_key_owner");
}

http::Response refused(const Failure& failure) {
  const std::string_view field = std::string_view(failure.detail).substr(0, failure.detail.find(':'));
  return http::problem(400, failure.code, failure.detail, "\"field\":" + json_string(field));
}

std::string entry_json(const Suppression& entry) {
  std::string out = "{\"channel\":" + json_string(entry.channel);
  const auto member = [&out](const char* name, std::string_view value) {
    out += ",\"" + std::string(name) + "\":" + json_string(value);
  };
  member("recipient_hash", entry.recipient_hash);
  member("category", entry.category);
  member("reason", entry.reason);
  member("message_id", entry.message_id);
  member("source", entry.source);
  member("created_at", to_rfc3339(entry.created_at));
  return out + "}";
}

http::Response list_suppressions(const http::Request& request, Suppressions& suppressions,
                                 const security::Sealer& sealer) {
  const auto filter = read_suppression_filter(request.query, sealer);
  if (!filter) return refused(filter.error());
  const SuppressionPage page = suppressions.list(*filter);
  std::string out = "{\"items\":[";
  for (const Suppression& entry : page.items) out += (&entry == page.items.data() ? "" : ",") + entry_json(entry);
  out += "],\"next_cursor\":" + (page.next ? json_string(suppression_cursor(*page.next)) : "null") + "}";
  return http::json(200, std::move(out));
}

http::Response add(const http::Request& request, Suppressions& suppressions) {
  if (!http::is_json(http::media_type(request)))
    return http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
  const auto order = read_suppression_order(request.body);
  if (!order) return refused(order.error());
  const AddedSuppression added = suppressions.add(*order, actor_of(request), request.traceparent);
  http::Response response = http::json(added.is_new ? 201 : 200, entry_json(added.entry));
  response.headers.emplace_back("Location",
                                "/api/admin/suppressions/" + added.entry.channel + "/" + added.entry.recipient_hash);
  return response;
}

http::Response lift(const http::Request& request, Suppressions& suppressions, const security::Sealer& sealer) {
  const auto what =
      read_suppression_lift(request.params.at("channel"), request.params.at("recipient"), request.query, sealer);
  if (!what) return refused(what.error());
  const int removed = suppressions.lift(*what, actor_of(request), request.traceparent);
  return http::json(200, "{\"removed\":" + std::to_string(removed) + "}");
}

}  // namespace

void add_suppression_routes(http::Router& router, Suppressions& suppressions, const security::Sealer& sealer,
                            http::Guard guard) {
  // A path may hold an address.
  guard = quiet_guard(std::move(guard));
  router.add(http::Method::GET, "/api/admin/suppressions", quiet_handler([&](const http::Request& request) {
               return list_suppressions(request, suppressions, sealer);
             }),
             guard);
  router.add(http::Method::POST, "/api/admin/suppressions",
             quiet_handler([&](const http::Request& request) { return add(request, suppressions); }), guard);
  router.add(http::Method::DELETE_, "/api/admin/suppressions/{channel}/{recipient}",
             quiet_handler([&](const http::Request& request) { return lift(request, suppressions, sealer); }), guard);
}

}  // namespace carillon::orchestrator
