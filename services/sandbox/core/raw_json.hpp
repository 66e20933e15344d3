// Reading the JSON of a stored call, which was checked when it came or not: what is not there is empty. Pure.
#pragma once
#include <rapidjson/document.h>

#include <initializer_list>
#include <string>
#include <string_view>

namespace carillon::sandbox {

bool parse_raw(rapidjson::Document& json, std::string_view raw);  // false unless it is one object
// A text, or a whole number as text; "" for anything else.
std::string raw_text(const rapidjson::Value& object, const char* name);
// The member at the end of a path through objects; nullptr when it is not there.
const rapidjson::Value* raw_member(const rapidjson::Value& object, std::initializer_list<const char*> path);

}  // namespace carillon::sandbox
