#include "orchestrator/adapters/http_templates.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

using http::json_string;

std::string joined(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}

std::string names(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const auto& item : items) quoted.push_back(json_string(item));
  return joined(quoted);
}

const char* flag(bool value) {
  return value ? "true" : "false";
}

std::string meta_members(const TemplateMeta& m) {
  std::string out = "\"key\":" + json_string(m.key);
  const auto text = [&out](const char* name, std::string_view value) {
    out += ",\"" + std::string(name) + "\":" + json_string(value);
  };
  const auto boolean = [&out](const char* name, bool value) { out += ",\"" + std::string(name) + "\":" + flag(value); };
  text("alias", m.alias);
  text("channel", events::enum_name(m.channel));
  text("audience", events::enum_name(m.audience));
  text("category", m.category);
  boolean("active", m.active);
  boolean("requires_provisioned", m.requires_provisioned);
  boolean("requires_active_subscription", m.requires_active_subscription);
  text("plan_required_feature_key", m.plan_required_feature_key);
  out += ",\"rate_limit_window_seconds\":" + std::to_string(m.rate_limit_window.count());
  text("rate_limit_key_variable", m.rate_limit_key_variable);
  text("priority", events::enum_name(m.priority));
  boolean("sensitive", m.sensitive);
  text("unconfirmed_policy", events::enum_name(m.unconfirmed_policy));
  boolean("explicit_recipient", m.explicit_recipient);
  boolean("client_required", m.client_required);
  boolean("unsubscribable", m.unsubscribable);
  out += ",\"required_variables\":" + names(m.required_variables) + ",\"sample_variables\":" + m.sample_variables;
  return out;
}

http::Response list(pg::Pool& pool) {
  auto lease = pool.take();
  std::vector<std::string> items;
  for (const auto& row : lease->run(orchestrator_sql::read_templates)) {
    const auto meta = read_template_meta(row["key"].as<std::string>(), row["meta"].as<std::string>());
    if (!meta) continue;
    TemplateMeta shown = *meta;
    shown.active = row["active"].as<bool>();
    items.push_back("{" + meta_members(shown) +
                    ",\"active_version\":" + std::to_string(row["active_version"].as<int>()) +
                    ",\"updated_at\":" + json_string(to_rfc3339(pg::to_utc(row["updated_at"].as<std::string>()))) +
                    ",\"updated_by\":" + json_string(row["updated_by"].as<std::string>()) + "}");
  }
  return http::json(200, "{\"templates\":" + joined(items) + "}");
}

http::Response detail(const http::Request& request, const Facts& facts, pg::Pool& pool) {
  const auto catalog = facts.templates.catalog();
  const auto wanted = request.params.find("key");
  const Template* entry = catalog && wanted != request.params.end() ? catalog->find(wanted->second) : nullptr;
  if (!entry)
    return http::problem(404, "TEMPLATE_NOT_FOUND", "there is no such template; GET /api/admin/templates lists them");
  auto connection = pool.take();
  std::vector<std::string> versions, bodies;
  for (const auto& row : connection->run(orchestrator_sql::read_template_versions, pg::Params().add(entry->meta.key))) {
    versions.push_back("{\"version\":" + std::to_string(row["version"].as<int>()) +
                       ",\"created_at\":" + json_string(to_rfc3339(pg::to_utc(row["created_at"].as<std::string>()))) +
                       ",\"created_by\":" + json_string(row["created_by"].as<std::string>()) +
                       ",\"seeded\":" + flag(row["seeded"].as<bool>()) +
                       ",\"locales\":" + json_string(row["locales"].as<std::string>()) + "}");
  }
  for (const auto& row : connection->run(orchestrator_sql::read_active_bodies, pg::Params().add(entry->meta.key))) {
    bodies.push_back("{\"locale\":" + json_string(row["locale"].as<std::string>()) +
                     ",\"subject\":" + json_string(row["subject"].as<std::string>()) +
                     ",\"text\":" + json_string(row["text"].as<std::string>()) +
                     ",\"html\":" + json_string(row["html"].as<std::string>()) + "}");
  }
  return http::json(200, "{" + meta_members(entry->meta) +
                             ",\"active_version\":" + std::to_string(entry->active_version) +
                             ",\"versions\":" + joined(versions) + ",\"bodies\":" + joined(bodies) + "}");
}

}  // namespace

void add_template_routes(http::Router& router, const Facts& facts, pg::Pool& pool, http::Guard guard) {
  router.add(
      http::Method::GET, "/api/admin/templates", [&pool](const http::Request&) { return list(pool); }, guard);
  router.add(
      http::Method::GET, "/api/admin/templates/{key}",
      [&facts, &pool](const http::Request& request) { return detail(request, facts, pool); }, guard);
}

}  // namespace carillon::orchestrator
