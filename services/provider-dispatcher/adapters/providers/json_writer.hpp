// What every provider that takes JSON writes its request with.
#pragma once
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <string_view>

namespace carillon::dispatcher {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void write_member(JsonWriter& json, const char* name, std::string_view value) {
  json.Key(name);
  json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

}  // namespace carillon::dispatcher
