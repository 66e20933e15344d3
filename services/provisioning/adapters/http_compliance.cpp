#include "provisioning/adapters/http_compliance.hpp"

#include "http/media_type.hpp"
#include "http/url.hpp"
#include "pages/visitor.hpp"
#include "provisioning/adapters/http_answers.hpp"

namespace carillon::provisioning {
namespace {

using http::json_string;

constexpr std::string_view merge_patch = "application/merge-patch+json";  // RFC 7396

std::string item_json(const ComplianceItem& item) {
  return "{\"item_id\":" + json_string(item.id) + ",\"client_id\":" + json_string(item.client_id) +
         ",\"name\":" + json_string(item.name) + ",\"expires_on\":" + json_string(to_iso(item.expires_on)) +
         ",\"status\":" + json_string(item.status) + ",\"status_since\":" + json_string(to_rfc3339(item.status_since)) +
         ",\"created_at\":" + json_string(to_rfc3339(item.created_at)) +
         ",\"updated_at\":" + json_string(to_rfc3339(item.updated_at)) + "}";
}

// An owner is at home with one client only.
http::Guard of_own_client(http::Guard guard) {
  return [guard = std::move(guard)](http::Request& request) -> std::optional<http::Response> {
    if (auto refusal = guard(request)) return refusal;
    const auto visitor = pages::visitor_if_any(request);
    if (!visitor || visitor->role == security::Role::ADMIN || visitor->client_id == request.params.at("id"))
      return std::nullopt;
    return http::problem(403, "FORBIDDEN", "these are another client's");
  };
}

std::optional<Failure> wrong_media_type(const http::Request& request) {
  const std::string type = http::media_type(request);
  if (http::is_json(type) || (request.method == http::Method::PATCH && type == merge_patch)) return std::nullopt;
  return Failure{"UNSUPPORTED_MEDIA_TYPE", "send application/json"};
}

http::Response list(const http::Request& request, EditComplianceItems& items) {
  const auto filter = read_item_filter(request.query);
  if (!filter) return refused(filter.error());
  const auto page = items.list(request.params.at("id"), *filter);
  if (!page) return refused(page.error());
  std::string out = "{\"items\":[";
  for (const ComplianceItem& item : page->items) out += (&item == page->items.data() ? "" : ",") + item_json(item);
  out += "],\"next_cursor\":" + (page->next ? json_string(page_cursor(*page->next)) : "null") + "}";
  return http::json(200, std::move(out));
}

http::Response add(const http::Request& request, EditComplianceItems& items) {
  if (const auto wrong = wrong_media_type(request)) return refused(*wrong);
  const auto item = items.add(request.params.at("id"), request.body, caller_of(request));
  if (!item) return refused(item.error());
  http::Response response = http::json(201, item_json(*item));
  response.headers.emplace_back(
      "Location", "/api/admin/clients/" + http::percent_encoded(item->client_id) + "/compliance-items/" + item->id);
  return response;
}

http::Response change(const http::Request& request, EditComplianceItems& items) {
  if (const auto wrong = wrong_media_type(request)) return refused(*wrong);
  const auto item =
      items.change(request.params.at("id"), request.params.at("item_id"), request.body, caller_of(request));
  return item ? http::json(200, item_json(*item)) : refused(item.error());
}

http::Response remove(const http::Request& request, EditComplianceItems& items) {
  const auto failure = items.remove(request.params.at("id"), request.params.at("item_id"), caller_of(request));
  return failure ? refused(*failure) : http::Response{204, {}, {}, {}};
}

http::Response ask_for_report(const http::Request& request, RequestReport& request_report) {
  const auto message_id = request_report(pages::visitor_of(request).client_id, caller_of(request));
  if (!message_id) return refused(message_id.error());
  return http::json(202, "{\"message_id\":" + json_string(*message_id) + "}");
}

}  // namespace

void add_compliance_item_routes(http::Router& router, EditComplianceItems& items, const http::Guard& guard) {
  const auto with = [&](auto handle) {
    return [&items, handle](const http::Request& request) { return handle(request, items); };
  };
  const http::Guard own = of_own_client(guard);
  router.add(http::Method::GET, "/api/admin/clients/{id}/compliance-items", with(list), own);
  router.add(http::Method::POST, "/api/admin/clients/{id}/compliance-items", with(add), own);
  router.add(http::Method::PATCH, "/api/admin/clients/{id}/compliance-items/{item_id}", with(change), own);
  router.add(http::Method::DELETE_, "/api/admin/clients/{id}/compliance-items/{item_id}", with(remove), own);
}

void add_report_routes(http::Router& router, RequestReport& request_report, const http::Guard& guard) {
  router.add(
      http::Method::POST, "/api/reports",
      [&](const http::Request& request) { return ask_for_report(request, request_report); }, guard);
}

}  // namespace carillon::provisioning
