#include "orchestrator/core/variable_fields.hpp"

#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>

#include "events/json.hpp"
#include "orchestrator/core/template_draft.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using Json = rapidjson::Value;

template <class Writer>
std::string written_by(const Json& value) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}
using Short = rapidjson::Writer<rapidjson::StringBuffer>;
using Indented = rapidjson::PrettyWriter<rapidjson::StringBuffer>;

std::string quoted(const std::string& text) {
  const Json value(text.c_str(), static_cast<rapidjson::SizeType>(text.size()));
  return written_by<Short>(value);
}

Failure refuse(const std::string& name, const char* why) {
  return {"INVALID_FIELD", name + ": " + why};
}

// A list or an object as somebody wrote it; `text` becomes its value with nothing around it.
const char* read_json(std::string& text) {
  const auto checked = events::parse_object("{\"v\":" + text + "}");  // not too deep, no duplicates, UTF-8
  if (!checked) return "must be JSON, such as the sample";
  rapidjson::Document document;
  document.Parse(checked->text.data(), checked->text.size());
  if (document.HasParseError() || document.MemberCount() != 1) return "must be JSON, such as the sample";
  text = written_by<Short>(document["v"]);
  return nullptr;
}

}  // namespace

std::vector<VariableField> variable_fields(const TemplateMeta& meta) {
  rapidjson::Document samples;
  samples.Parse(meta.sample_variables.data(), meta.sample_variables.size());
  std::vector<VariableField> fields;
  for (std::string& name : declared_variables(meta)) {
    VariableField field{std::move(name), false, false, {}};
    const auto& required = meta.required_variables;
    field.required = std::find(required.begin(), required.end(), field.name) != required.end();
    if (samples.IsObject() && samples.HasMember(field.name.c_str())) {
      const Json& sample = samples[field.name.c_str()];
      field.is_json = sample.IsArray() || sample.IsObject();
      field.sample = sample.IsString() ? std::string(sample.GetString(), sample.GetStringLength())
                     : field.is_json   ? written_by<Indented>(sample)
                                       : written_by<Short>(sample);
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

Result<events::JsonObject> variables_of(const std::vector<VariableField>& fields,
                                        const std::function<std::string(const std::string& name)>& written) {
  std::string json;
  for (const VariableField& field : fields) {
    std::string text = with_plain_line_breaks(written(field.name));
    if (text.find_first_not_of(" \t\n") == std::string::npos) continue;
    if (!is_valid_utf8(text) || text.find('\0') != std::string::npos)
      return refuse(field.name, "must be valid UTF-8 without NUL");
    if (field.is_json) {
      if (const char* why = read_json(text)) return refuse(field.name, why);
    } else {
      text = quoted(text);
    }
    json += (json.empty() ? "" : ",") + quoted(field.name) + ":" + text;
  }
  return events::JsonObject{"{" + json + "}"};
}

std::string indented(const events::JsonObject& object) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object.text.data(), object.text.size());
  return document.HasParseError() ? object.text : written_by<Indented>(document);
}

}  // namespace carillon::orchestrator
