#include "sandbox/core/raw_json.hpp"

namespace carillon::sandbox {

bool parse_raw(rapidjson::Document& json, std::string_view raw) {
  json.Parse<rapidjson::kParseIterativeFlag>(raw.data(), raw.size());
  return !json.HasParseError() && json.IsObject();
}

std::string raw_text(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd()) return {};
  if (found->value.IsString()) return {found->value.GetString(), found->value.GetStringLength()};
  return found->value.IsInt64() ? std::to_string(found->value.GetInt64()) : std::string();
}

const rapidjson::Value* raw_member(const rapidjson::Value& object, std::initializer_list<const char*> path) {
  const rapidjson::Value* at = &object;
  for (const char* name : path) {
    if (!at->IsObject()) return nullptr;
    const auto found = at->FindMember(name);
    if (found == at->MemberEnd()) return nullptr;
    at = &found->value;
  }
  return at;
}

}  // namespace carillon::sandbox
