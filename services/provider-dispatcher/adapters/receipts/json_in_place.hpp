// Whether the strings must be UTF-8. UNCHECKED: they are what the text holds, and may be anything.
enum class Encoding { UTF8, UNCHECKED };

// A JSON text parsed where it lies: the text is changed, strings of the document are views into it, and up to 16 KiB of
// values cost no allocation. The text must outlive the document.
#pragma once
#include <rapidjson/document.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace carillon::dispatcher {

class JsonInPlace {
 public:
  using Value = rapidjson::GenericValue<rapidjson::UTF8<>, rapidjson::MemoryPoolAllocator<>>;

  explicit JsonInPlace(std::string& text, Encoding encoding = Encoding::UTF8) {
    encoding == Encoding::UTF8 ? parse<rapidjson::kParseValidateEncodingFlag>(text.data()) : parse<0>(text.data());
  }
  // `text` ends with NUL, as a string of an outer document parsed in place does.
  explicit JsonInPlace(char* text) { parse<rapidjson::kParseValidateEncodingFlag>(text); }
  JsonInPlace(const JsonInPlace&) = delete;
  JsonInPlace& operator=(const JsonInPlace&) = delete;

  bool ok() const { return !document_.HasParseError(); }
  const Value& root() const { return document_; }

 private:
  static constexpr std::size_t values_bytes = 12 * 1024, stack_bytes = 4 * 1024;
  using Pool = rapidjson::MemoryPoolAllocator<>;
  template <unsigned flags>
  void parse(char* text) {
    document_.ParseInsitu<rapidjson::kParseIterativeFlag | flags>(text);
  }
  char values_[values_bytes];
  char stack_[stack_bytes];
  Pool pool_{values_, values_bytes};
  Pool stack_pool_{stack_, stack_bytes};
  rapidjson::GenericDocument<rapidjson::UTF8<>, Pool, Pool> document_{&pool_, stack_bytes / 2, &stack_pool_};
};

// Members of an object; "" or null where there is none of that type.
inline std::string_view text_in(const JsonInPlace::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return {};
  return {found->value.GetString(), found->value.GetStringLength()};
}
inline const JsonInPlace::Value* object_in(const JsonInPlace::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsObject() ? &found->value : nullptr;
}
inline const JsonInPlace::Value* array_in(const JsonInPlace::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsArray() ? &found->value : nullptr;
}

}  // namespace carillon::dispatcher
