// Writing a template's version: what seeding and editing share. Within a transaction that holds lock_templates.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "orchestrator/core/template_meta.hpp"
#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::orchestrator {

struct NewVersion {
  std::string_view key;
  int version = 0;
  std::string_view seed_hash;  // "": a person wrote it
  int based_on = 0;            // 0: on none
  std::string_view author;
  std::span<const TemplateBody> bodies;
};

// The version and its words, in two statements. It is not the active one by that.
void insert_version(pg::Transaction& tx, const NewVersion& version, UtcTime now);

}  // namespace carillon::orchestrator
