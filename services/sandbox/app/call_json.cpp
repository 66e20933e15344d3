#include "sandbox/app/call_json.hpp"

#include <string>

#include "values/recipient.hpp"

namespace carillon::sandbox {

CallJson::CallJson(std::string_view body) {
  static thread_local std::string scratch;
  scratch = body;
  // Checking the encoding beforehand is many times faster than while parsing.
  is_text_ = is_valid_utf8(scratch) && scratch.find('\0') == std::string::npos;
  if (!is_text_) return;
  document_.ParseInsitu<rapidjson::kParseIterativeFlag>(scratch.data());
  is_object_ = !document_.HasParseError() && document_.IsObject();
}

std::string_view text_of(const JsonValue& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}

const JsonValue* object_of(const JsonValue& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsObject() ? &found->value : nullptr;
}

const JsonValue* array_of(const JsonValue& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsArray() ? &found->value : nullptr;
}

}  // namespace carillon::sandbox
