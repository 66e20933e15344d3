// Writing JSON member by member. One thread.
#pragma once
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace carillon::sandbox {

class JsonText {
 public:
  // An object or a list, as the whole or an element of a list, or as a member.
  void begin() { json_.StartObject(); }
  void begin(std::string_view name) { key(name), begin(); }
  void end() { json_.EndObject(); }
  void begin_list() { json_.StartArray(); }
  void begin_list(std::string_view name) { key(name), begin_list(); }
  void end_list() { json_.EndArray(); }

  void text(std::string_view name, std::string_view value) { key(name), string(value); }
  void number(std::string_view name, std::int64_t value) { key(name), json_.Int64(value); }
  void fraction(std::string_view name, double value) { key(name), json_.Double(value); }
  void flag(std::string_view name, bool value) { key(name), json_.Bool(value); }
  void list_of_one(std::string_view name, std::string_view value) { begin_list(name), string(value), end_list(); }

  std::string written() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  void key(std::string_view name) { json_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void string(std::string_view value) { json_.String(value.data(), static_cast<rapidjson::SizeType>(value.size())); }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> json_{buffer_};
};

}  // namespace carillon::sandbox
