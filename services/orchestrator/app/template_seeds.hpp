// The templates this program brings along: read from the embedded files of services/orchestrator/templates.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "orchestrator/core/template_meta.hpp"

namespace carillon::orchestrator {

struct TemplateSeed {
  TemplateMeta meta;
  std::string meta_json;
  std::vector<TemplateBody> bodies;  // html already inside the shared layout
  std::string hash;                  // SHA-256 of all of it
};

// Read once, in key order. Throws std::runtime_error naming the file when one is broken: a bug of the build.
const std::vector<TemplateSeed>& template_seeds();

// docs/NOTIFICATION_TEMPLATE_MATRIX.md and docs/NOTIFICATION_SEND_INVENTORY.md.
std::string template_matrix_markdown();
std::string send_inventory_markdown();

}  // namespace carillon::orchestrator
