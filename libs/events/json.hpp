// The codec between described structs and JSON in proto3's JSON mapping (snake_case names kept). One implementation for
// all events: libs/events/codec.cpp over RapidJSON; the templates are instantiated there for every event struct, so
// that RapidJSON and Boost.Describe stay out of the includers.
//
// Mapping: string; bool; int32 and double as numbers; int64 decimal string (number accepted); enums by name; UtcTime as
// RFC 3339 string; std::optional absent when empty; vector as array; map<string,string> as object; nested structs;
// JsonObject any JSON object. Members at their default value are left out when writing, as proto3 does.
// Reading: unknown members, wrong types, duplicate members, invalid UTF-8, nesting deeper than 32 and trailing bytes
// are refused; null means absent.
#pragma once
#include <string>
#include <string_view>

#include "values/result.hpp"

namespace carillon::events {

// A JSON object kept as text (google.protobuf.Struct in the contract). Always valid JSON; "{}" when default.
struct JsonObject {
  std::string text = "{}";
  bool operator==(const JsonObject&) const = default;
};

// Failure code MALFORMED_JSON, or INVALID_FIELD with a detail that starts with the path: "variables.items[3].name:
// ...".
template <class T>
Result<T> from_json(std::string_view text);
template <class T>
std::string to_json(const T& value);
template <class T>
void append_json(std::string& out, const T& value);

template <class E>
const char* enum_name(E value);
template <class E>
bool enum_from_name(std::string_view name, E& out);

// Checks and normalises a JSON object given as text (no duplicate names, valid UTF-8, depth).
Result<JsonObject> parse_object(std::string_view text);

}  // namespace carillon::events
