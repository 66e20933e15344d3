#include "health-aggregator/core/metadata_json.hpp"

#include <rapidjson/document.h>

#include "events/json_text.hpp"

namespace carillon::health {

std::string metadata_json(const Metadata& metadata) {
  std::string json = "{";
  for (const auto& [name, value] : metadata) {
    if (json.size() > 1) json += ',';
    events::json::append_text(json, name);
    json += ':';
    events::json::append_text(json, value);
  }
  return json + "}";
}

Metadata read_metadata(std::string_view json) {
  Metadata metadata;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (!document.IsObject()) return metadata;
  for (const auto& member : document.GetObject()) {
    if (member.value.IsString())
      metadata.emplace(member.name.GetString(), std::string(member.value.GetString(), member.value.GetStringLength()));
  }
  return metadata;
}

}  // namespace carillon::health
