#include "orchestrator/adapters/http_templates.hpp"

#include <charconv>

#include "http/media_type.hpp"
#include "orchestrator/adapters/quiet_failures.hpp"
#include "orchestrator/adapters/template_json.hpp"
#include "orchestrator/app/template_sheets.hpp"
#include "orchestrator/core/template_orders.hpp"

namespace carillon::orchestrator {
namespace {

using http::json_string;

const char* flag(bool value) {
  return value ? "true" : "false";
}

http::Response list_all(pg::Pool& pool) {
  std::vector<std::string> items;
  for (const TemplateSummary& one : list_templates(*pool.take()))
    items.push_back("{" + meta_members(one.meta) + ",\"active_version\":" + std::to_string(one.active_version) +
                    ",\"updated_at\":" + json_string(to_rfc3339(one.updated_at)) +
                    ",\"updated_by\":" + json_string(one.updated_by) + "}");
  return http::json(200, "{\"templates\":" + json_list(items) + "}");
}

std::string version_json(const VersionRow& row) {
  return "{\"version\":" + std::to_string(row.version) + ",\"created_at\":" + json_string(to_rfc3339(row.created_at)) +
         ",\"created_by\":" + json_string(row.created_by) + ",\"seeded\":" + flag(row.seeded) +
         ",\"based_on\":" + (row.based_on == 0 ? "null" : std::to_string(row.based_on)) +
         ",\"locales\":" + json_string(row.locales) + "}";
}

std::string bodies_json(const std::vector<TemplateBody>& bodies) {
  std::vector<std::string> items;
  for (const TemplateBody& body : bodies)
    items.push_back("{\"locale\":" + json_string(body.locale) + ",\"subject\":" + json_string(body.subject) +
                    ",\"text\":" + json_string(body.text) + ",\"html\":" + json_string(body.html) + "}");
  return json_list(items);
}

http::Response unknown_template() {
  return template_refusal({"TEMPLATE_NOT_FOUND", "there is no such template; GET /api/admin/templates lists them"});
}

http::Response detail(const http::Request& request, pg::Pool& pool) {
  auto connection = pool.take();
  const auto sheet = read_sheet(*connection, request.params.at("key"));
  if (!sheet) return unknown_template();
  const TemplateSummary& summary = sheet->summary;
  std::vector<std::string> versions;
  for (const VersionRow& row : sheet->versions) versions.push_back(version_json(row));
  return http::json(
      200, "{" + meta_members(summary.meta) + ",\"active_version\":" + std::to_string(summary.active_version) +
               ",\"versions\":" + json_list(versions) +
               ",\"bodies\":" + bodies_json(read_bodies(*connection, summary.meta.key, summary.active_version)) + "}");
}

http::Response version_detail(const http::Request& request, pg::Pool& pool) {
  auto connection = pool.take();
  const auto sheet = read_sheet(*connection, request.params.at("key"));
  if (!sheet) return unknown_template();
  const std::string& text = request.params.at("version");
  int version = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool is_number = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  if (!is_number || !sheet->find(version))
    return template_refusal({"TEMPLATE_VERSION_NOT_FOUND", "version: the template has no such version"});
  const std::string& key = sheet->summary.meta.key;
  return http::json(200, "{\"key\":" + json_string(key) + ",\"version\":" + std::to_string(version) +
                             ",\"bodies\":" + bodies_json(read_bodies(*connection, key, version)) + "}");
}

http::Response add_version(const http::Request& request, EditTemplates& edit) {
  const auto order = read_version_order(request.body);
  if (!order) return template_refusal(order.error());
  const std::string& key = request.params.at("key");
  const auto added = edit.add_version(key, *order, editor_of(request));
  if (!added) return template_refusal(added.error());
  if (!added->problems.empty())
    return http::problem(422, "TEMPLATE_INVALID", "the words can't be used as they are; `problems` says where",
                         "\"problems\":" + problems_json(added->problems));
  http::Response response = http::json(201, "{\"version\":" + std::to_string(added->version) + "}");
  response.headers.emplace_back("Location",
                                "/api/admin/templates/" + key + "/versions/" + std::to_string(added->version));
  return response;
}

http::Response activate(const http::Request& request, EditTemplates& edit) {
  const auto order = read_activation_order(request.body);
  if (!order) return template_refusal(order.error());
  const auto done = edit.activate(request.params.at("key"), order->version, order->replaces, editor_of(request));
  if (!done) return template_refusal(done.error());
  return http::json(200, "{\"key\":" + json_string(done->key) + ",\"active_version\":" + std::to_string(done->version) +
                             ",\"replaced\":" + std::to_string(done->replaced) + "}");
}

http::Response switch_active(const http::Request& request, EditTemplates& edit) {
  const auto active = read_switch_order(request.body);
  if (!active) return template_refusal(active.error());
  const auto changed = edit.switch_active(request.params.at("key"), *active, editor_of(request));
  if (!changed) return template_refusal(changed.error());
  return http::json(200, std::string("{\"active\":") + flag(*active) + ",\"changed\":" + flag(*changed) + "}");
}

http::Response preview(const http::Request& request, const PreviewTemplate& preview) {
  auto wish = read_preview_wish(request.body);
  if (!wish) return template_refusal(wish.error());
  const auto seen = preview(request.params.at("key"), {wish->version, std::move(wish->bodies), std::move(wish->locale),
                                                       std::move(wish->variables)});
  return seen ? http::json(200, preview_json(*seen)) : template_refusal(seen.error());
}

// Only JSON, and no address in the log should something fail.
http::Handler of_json(http::Handler handler) {
  return quiet_handler([handler = std::move(handler)](const http::Request& request) {
    if (!http::is_json(http::media_type(request)))
      return http::problem(415, "UNSUPPORTED_MEDIA_TYPE", "send application/json");
    return handler(request);
  });
}

}  // namespace

void add_template_routes(http::Router& router, pg::Pool& pool, EditTemplates& edit, const PreviewTemplate& show,
                         const http::Guard& guard) {
  router.add(
      http::Method::GET, "/api/admin/templates", [&pool](const http::Request&) { return list_all(pool); }, guard);
  router.add(
      http::Method::GET, "/api/admin/templates/{key}",
      [&pool](const http::Request& request) { return detail(request, pool); }, guard);
  router.add(
      http::Method::GET, "/api/admin/templates/{key}/versions/{version}",
      [&pool](const http::Request& request) { return version_detail(request, pool); }, guard);
  router.add(http::Method::POST, "/api/admin/templates/{key}/versions",
             of_json([&edit](const http::Request& request) { return add_version(request, edit); }), guard);
  router.add(http::Method::POST, "/api/admin/templates/{key}/activate",
             of_json([&edit](const http::Request& request) { return activate(request, edit); }), guard);
  router.add(http::Method::POST, "/api/admin/templates/{key}/active",
             of_json([&edit](const http::Request& request) { return switch_active(request, edit); }), guard);
  router.add(http::Method::POST, "/api/admin/templates/{key}/preview",
             of_json([&show](const http::Request& request) { return preview(request, show); }), guard);
}

}  // namespace carillon::orchestrator
