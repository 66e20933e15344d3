// Reading and writing what the oracle programs and their tests say to each other. Malformed input ends the program by
// an exception: the tests are wrong then.
#pragma once
#include <rapidjson/document.h>

#include <stdexcept>
#include <string>

#include "http/message.hpp"

namespace carillon::oracle {

inline rapidjson::Document parsed(const std::string& line) {
  rapidjson::Document json;
  json.Parse(line.data(), line.size());
  if (json.HasParseError() || !json.IsObject()) throw std::runtime_error("not a JSON object: " + line);
  return json;
}

// "" when absent.
inline std::string text(const rapidjson::Value& json, const char* name) {
  const auto found = json.FindMember(name);
  if (found == json.MemberEnd()) return {};
  if (!found->value.IsString()) throw std::runtime_error(std::string(name) + " is no text");
  return {found->value.GetString(), found->value.GetStringLength()};
}

// {"a":"1","b":"2"}
inline std::string object_of(const http::Fields& members) {
  std::string out = "{";
  for (const auto& [name, value] : members) {
    if (out.size() > 1) out += ',';
    out += http::json_string(name) + ":" + http::json_string(value);
  }
  return out + "}";
}

}  // namespace carillon::oracle
