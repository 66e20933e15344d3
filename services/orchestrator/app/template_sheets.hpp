// Templates as people look at them, straight from the database: who changed what, and the words of any version. Free
// functions; they block and throw the pg:: errors.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/core/template_meta.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

struct TemplateSummary {
  TemplateMeta meta;  // `active` as it is now
  int active_version = 0;
  UtcTime updated_at{};
  std::string updated_by, updated_email;  // seed, account:<id>, api:<owner>; the address of an account
};

struct VersionRow {
  int version = 0;
  UtcTime created_at{};
  std::string created_by, created_email;
  bool seeded = false;
  int based_on = 0;  // 0: on none
  std::string locales;
};

struct TemplateSheet {
  TemplateSummary summary;
  std::vector<VersionRow> versions;  // the newest first; at least one
  int newest() const { return versions.front().version; }
  const VersionRow* find(int version) const;
};

std::vector<TemplateSummary> list_templates(pg::Connection& connection);
// `key` may be an alias. nullopt: there is no such template.
std::optional<TemplateSheet> read_sheet(pg::Connection& connection, const std::string& key);
// By locale; empty: there is no such version. `key` is no alias.
std::vector<TemplateBody> read_bodies(pg::Connection& connection, const std::string& key, int version);

}  // namespace carillon::orchestrator
