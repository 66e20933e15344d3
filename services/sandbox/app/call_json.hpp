// The JSON body of a call, read in place: strings stay where they are, and a body of the usual size allocates nothing.
// One thread; what it hands out is valid until the next one is made on that thread or this one ends.
#pragma once
#include <rapidjson/document.h>

#include <string_view>

namespace carillon::sandbox {

using JsonValue = rapidjson::GenericValue<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<>>;

class CallJson {
 public:
  explicit CallJson(std::string_view body);
  // nullptr unless the body is one JSON object in UTF-8.
  const JsonValue* object() const { return is_object_ ? &document_ : nullptr; }
  bool is_text() const { return is_text_; }  // UTF-8 without NUL

 private:
  using Document =
      rapidjson::GenericDocument<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<>, rapidjson::MemoryPoolAllocator<>>;
  static constexpr std::size_t value_bytes = 16 * 1024, stack_bytes = 4 * 1024;

  char values_[value_bytes], stack_[stack_bytes];
  rapidjson::MemoryPoolAllocator<> value_pool_{values_, sizeof values_}, stack_pool_{stack_, sizeof stack_};
  Document document_{&value_pool_, sizeof stack_ / 2, &stack_pool_};
  bool is_text_ = false, is_object_ = false;
};

// A member that is a text, an object or an array; "" and nullptr when it is absent or something else.
std::string_view text_of(const JsonValue& object, const char* name);
const JsonValue* object_of(const JsonValue& object, const char* name);
const JsonValue* array_of(const JsonValue& object, const char* name);

}  // namespace carillon::sandbox
