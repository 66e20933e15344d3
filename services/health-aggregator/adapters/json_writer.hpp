// RapidJSON's writer with the few calls that answers are made of.
#pragma once
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <optional>
#include <string>
#include <string_view>

#include "time/utc_time.hpp"

namespace carillon::health {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return writer_.StartObject(), *this; }
  JsonWriter& end_object() { return writer_.EndObject(), *this; }
  JsonWriter& begin_array() { return writer_.StartArray(), *this; }
  JsonWriter& end_array() { return writer_.EndArray(), *this; }
  JsonWriter& key(std::string_view name) { return writer_.Key(name.data(), size_of(name)), *this; }
  JsonWriter& value(std::string_view text) { return writer_.String(text.data(), size_of(text)), *this; }
  JsonWriter& value(const char* text) { return value(std::string_view{text}); }
  JsonWriter& value(std::int64_t number) { return writer_.Int64(number), *this; }
  JsonWriter& value(int number) { return writer_.Int(number), *this; }
  JsonWriter& value(double number) { return writer_.Double(number), *this; }
  JsonWriter& value(bool flag) { return writer_.Bool(flag), *this; }
  JsonWriter& value(UtcTime time) { return value(to_rfc3339(time)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view{text}); }
  template <class T>
  JsonWriter& value(const std::optional<T>& maybe) {
    if (maybe) return value(*maybe);
    return writer_.Null(), *this;
  }
  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    return key(name).value(content);
  }
  std::string text() const { return {buffer_.GetString(), buffer_.GetSize()}; }

 private:
  static rapidjson::SizeType size_of(std::string_view text) { return static_cast<rapidjson::SizeType>(text.size()); }
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace carillon::health
