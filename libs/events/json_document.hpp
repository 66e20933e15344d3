// Reading JSON text into RapidJSON's DOM under the platform's rules. Internal to libs/events.
#pragma once
#if defined(__SSE2__) && !defined(RAPIDJSON_SSE2)
#define RAPIDJSON_SSE2
#endif
// A namespace of its own: the SSE2 functions read up to 15 bytes past a text, which only JsonReader provides for.
#define RAPIDJSON_NAMESPACE carillon_events_rapidjson
#define RAPIDJSON_NAMESPACE_BEGIN namespace carillon_events_rapidjson {
#define RAPIDJSON_NAMESPACE_END }
#include <rapidjson/document.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "values/result.hpp"

namespace carillon::events::json {

inline constexpr std::size_t depth_max = 32;  // levels of objects and arrays, the outermost included

using Pool = carillon_events_rapidjson::MemoryPoolAllocator<>;
using Document = carillon_events_rapidjson::GenericDocument<carillon_events_rapidjson::UTF8<>, Pool, Pool>;
using Value = Document::ValueType;

inline std::string_view view(const Value& text) {
  return {text.GetString(), text.GetStringLength()};
}

// What is wrong where. The path is put together from the inside out while the reader returns.
class Fault {
 public:
  // All return false, so that a reader can say `return fault.refuse(...)`.
  bool refuse(std::string reason);
  bool inside_member(std::string_view name);
  bool inside_element(std::size_t index);

  Failure failure() const;  // INVALID_FIELD, "path: reason"

 private:
  void prepend(std::string step);
  std::string path_;
  std::string reason_;
};

// One parsed text. Works in buffers that its thread keeps between texts, so at most one may live on a thread at a time.
class JsonReader {
 public:
  JsonReader(std::string_view text, std::size_t levels_max);
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  bool ok() const { return failure_.code.empty(); }
  const Failure& failure() const { return failure_; }  // MALFORMED_JSON
  const Value& root() const { return document_; }      // strings point into the thread's buffer
  // Without escapes in the text no string can hold NUL or a lone surrogate, and the search for them is saved.
  bool has_escapes() const { return has_escapes_; }

 private:
  void parse(std::size_t levels_max);

  struct Buffers;
  static Buffers& thread_buffers();

  Buffers& buffers_;
  Document document_;
  Failure failure_;
  bool has_escapes_ = false;
};

// Whether PostgreSQL's text can hold it: \u0000 and lone surrogates come in through escapes.
bool accept_text(std::string_view text, bool has_escapes, Fault& fault);

// Appends the value compactly. False for a name that appears twice or text that accept_text refuses.
bool append_value(std::string& out, const Value& value, bool has_escapes, Fault& fault);

}  // namespace carillon::events::json
