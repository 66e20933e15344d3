#include "orchestrator/app/template_sheets.hpp"

#include <algorithm>

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

std::vector<TemplateSummary> summaries(pg::Connection& connection, const std::string& key) {
  std::vector<TemplateSummary> all;
  for (const auto& row : connection.run(orchestrator_sql::list_templates, pg::Params().add(key))) {
    auto meta = read_template_meta(row["key"].as<std::string>(), row["meta"].as<std::string>());
    if (!meta) continue;  // the catalog's refresh has logged it
    TemplateSummary& one = all.emplace_back();
    one.meta = std::move(*meta);
    one.meta.active = row["active"].as<bool>();
    one.active_version = row["active_version"].as<int>();
    one.updated_at = pg::to_utc(row["updated_at"].as<std::string>());
    one.updated_by = row["updated_by"].as<std::string>();
    one.updated_email = row["updated_email"].as<std::string>();
  }
  return all;
}

}  // namespace

const VersionRow* TemplateSheet::find(int version) const {
  const auto found =
      std::find_if(versions.begin(), versions.end(), [&](const VersionRow& row) { return row.version == version; });
  return found == versions.end() ? nullptr : &*found;
}

std::vector<TemplateSummary> list_templates(pg::Connection& connection) {
  return summaries(connection, "");
}

std::optional<TemplateSheet> read_sheet(pg::Connection& connection, const std::string& key) {
  if (key.empty()) return std::nullopt;
  auto found = summaries(connection, key);
  if (found.empty()) return std::nullopt;
  TemplateSheet sheet{std::move(found.front()), {}};
  for (const auto& row :
       connection.run(orchestrator_sql::read_template_versions, pg::Params().add(sheet.summary.meta.key)))
    sheet.versions.push_back({row["version"].as<int>(), pg::to_utc(row["created_at"].as<std::string>()),
                              row["created_by"].as<std::string>(), row["created_email"].as<std::string>(),
                              row["seeded"].as<bool>(), row["based_on"].is_null() ? 0 : row["based_on"].as<int>(),
                              row["locales"].as<std::string>()});
  if (sheet.versions.empty()) return std::nullopt;
  return sheet;
}

std::vector<TemplateBody> read_bodies(pg::Connection& connection, const std::string& key, int version) {
  std::vector<TemplateBody> bodies;
  for (const auto& row : connection.run(orchestrator_sql::read_version_bodies, pg::Params().add(key).add(version)))
    bodies.push_back({row["locale"].as<std::string>(), row["subject"].as<std::string>(), row["text"].as<std::string>(),
                      row["html"].as<std::string>()});
  return bodies;
}

}  // namespace carillon::orchestrator
