// A template's variables as fields of a form: one for each that meta.json declares. Pure.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/core/template_meta.hpp"
#include "values/result.hpp"

namespace carillon::orchestrator {

struct VariableField {
  std::string name;
  bool required = false;
  bool is_json = false;  // a list or an object, written as JSON
  std::string sample;    // as one would write it into the field
};

std::vector<VariableField> variable_fields(const TemplateMeta& meta);

// What was written into them; what is left empty stays out. Failure INVALID_FIELD "<name>: …".
Result<events::JsonObject> variables_of(const std::vector<VariableField>& fields,
                                        const std::function<std::string(const std::string& name)>& written);

// Sample variables for reading and editing: indented, one member a line.
std::string indented(const events::JsonObject& object);

}  // namespace carillon::orchestrator
