// How a template would look: a stored version, or words that are not stored. Nothing is sent and nothing kept.
// Thread-safe; blocks on the database where a version is so new that this instance doesn't know it.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/app/facts.hpp"
#include "postgres/pool.hpp"
#include "values/sms_segments.hpp"

namespace carillon::orchestrator {

struct PreviewOrder {
  int version = 0;                   // 0: the active one
  std::vector<TemplateBody> bodies;  // not empty: these instead of a stored version
  std::string locale;
  std::optional<events::JsonObject> variables;  // nullopt: the template's samples
};

struct Preview {
  int version = 0;     // 0: of words that are not stored
  std::string locale;  // whose words these are
  Rendered rendered;
  std::string problem;  // why it could not be sent like this, "" when it could
  std::vector<std::string> missing_variables;
  std::optional<SmsSegments> sms;
};

// Failures: TEMPLATE_NOT_FOUND, TEMPLATE_VERSION_NOT_FOUND; TEMPLATE_BROKEN of words that don't compile.
class PreviewTemplate {
 public:
  PreviewTemplate(const Facts& facts, pg::Pool& pool) : facts_(facts), pool_(pool) {}
  Result<Preview> operator()(const std::string& key, const PreviewOrder& order) const;

 private:
  const Facts& facts_;
  pg::Pool& pool_;
};

}  // namespace carillon::orchestrator
