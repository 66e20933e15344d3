#include "events/json_document.hpp"

#include <rapidjson/error/en.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <memory>
#include <vector>

#include "events/json_text.hpp"
#include "values/recipient.hpp"
#include "values/utf8.hpp"

namespace carillon::events::json {
namespace {

namespace rj = carillon_events_rapidjson;

constexpr std::size_t values_bytes = 32 * 1024;  // holds the DOM of an event of some 15 KiB; larger ones allocate
constexpr std::size_t stack_bytes = 16 * 1024;
constexpr std::size_t kept_text_bytes_max = 64 * 1024;  // a longer text's buffer is given back
constexpr std::size_t sse_overread_bytes = 16;
constexpr std::size_t shown_name_bytes_max = 64;
constexpr std::size_t pairwise_names_max = 16;  // up to here comparing each with each beats sorting

// Forwards to the document, but converts numbers itself and stops at too deep nesting, which bounds the recursive
// parser.
class DepthGuard {
 public:
  using Ch = char;
  DepthGuard(Document& document, std::size_t levels_max) : document_(document), levels_max_(levels_max) {}

  bool too_deep() const { return levels_ > levels_max_; }
  bool number_out_of_range() const { return number_out_of_range_; }

  bool Null() { return document_.Null(); }
  bool Bool(bool value) { return document_.Bool(value); }
  // Asked for by the parser's code, but with kParseNumbersAsStringsFlag all numbers come as RawNumber.
  bool Int(int value) { return document_.Int(value); }
  bool Uint(unsigned value) { return document_.Uint(value); }
  bool Int64(std::int64_t value) { return document_.Int64(value); }
  bool Uint64(std::uint64_t value) { return document_.Uint64(value); }
  bool Double(double value) { return document_.Double(value); }
  bool RawNumber(const char* text, rj::SizeType size, bool) {
    const bool stored = store_number({text, size});
    number_out_of_range_ = !stored;
    return stored;
  }
  bool String(const char* text, rj::SizeType size, bool copy) { return document_.String(text, size, copy); }
  bool Key(const char* text, rj::SizeType size, bool copy) { return document_.Key(text, size, copy); }
  bool StartObject() { return ++levels_ <= levels_max_ && document_.StartObject(); }
  bool EndObject(rj::SizeType members) { return --levels_, document_.EndObject(members); }
  bool StartArray() { return ++levels_ <= levels_max_ && document_.StartArray(); }
  bool EndArray(rj::SizeType elements) { return --levels_, document_.EndArray(elements); }

 private:
  // The parser has checked the grammar. RapidJSON's own conversion is exact only with kParseFullPrecisionFlag, whose
  // code shifts by an undefined count for some zeros.
  bool store_number(std::string_view text) {
    const char* const end = text.data() + text.size();
    if (text.find_first_of(".eE") == std::string_view::npos) {
      std::int64_t whole = 0;
      if (std::from_chars(text.data(), end, whole).ec == std::errc{}) return document_.Int64(whole);
      std::uint64_t large = 0;
      if (std::from_chars(text.data(), end, large).ec == std::errc{}) return document_.Uint64(large);
    }
    double real = 0;
    return std::from_chars(text.data(), end, real).ec == std::errc{} && document_.Double(real);
  }

  Document& document_;
  std::size_t levels_max_;
  std::size_t levels_ = 0;
  bool number_out_of_range_ = false;
};

// For messages: what the sender wrote, cut, and without what would garble a log line.
std::string shown(std::string_view name) {
  if (name.empty()) return "\"\"";
  std::string text = valid_utf8(utf8_prefix(name, shown_name_bytes_max));
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
  return text;
}

// The name that appears twice; empty data() when there is none.
std::string_view repeated_name(const Value& object) {
  const auto members = object.GetObject();
  if (object.MemberCount() <= pairwise_names_max) {
    for (auto a = members.begin(); a != members.end(); ++a) {
      for (auto b = members.begin(); b != a; ++b) {
        if (view(a->name) == view(b->name)) return view(a->name);
      }
    }
    return {};
  }
  std::vector<std::string_view> names;
  names.reserve(object.MemberCount());
  for (const auto& member : members) names.push_back(view(member.name));
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  return twice == names.end() ? std::string_view{} : *twice;
}

bool append_object(std::string& out, const Value& object, bool has_escapes, Fault& fault) {
  if (const std::string_view name = repeated_name(object); name.data() != nullptr) {
    fault.refuse("appears twice");
    return fault.inside_member(name);
  }
  char separator = '{';
  for (const auto& member : object.GetObject()) {
    out += separator;
    separator = ',';
    if (!accept_text(view(member.name), has_escapes, fault)) return fault.inside_member(view(member.name));
    append_text(out, view(member.name));
    out += ':';
    if (!append_value(out, member.value, has_escapes, fault)) return fault.inside_member(view(member.name));
  }
  if (separator == '{') out += separator;
  out += '}';
  return true;
}

bool append_array(std::string& out, const Value& array, bool has_escapes, Fault& fault) {
  char separator = '[';
  std::size_t index = 0;
  for (const Value& element : array.GetArray()) {
    out += separator;
    separator = ',';
    if (!append_value(out, element, has_escapes, fault)) return fault.inside_element(index);
    ++index;
  }
  if (separator == '[') out += separator;
  out += ']';
  return true;
}

void append_any_number(std::string& out, const Value& number) {
  if (number.IsInt64()) return append_number(out, number.GetInt64());
  if (number.IsUint64()) return append_number(out, number.GetUint64());
  append_number(out, number.GetDouble());
}

}  // namespace

bool Fault::refuse(std::string reason) {
  path_.clear();
  reason_ = std::move(reason);
  return false;
}

bool Fault::inside_member(std::string_view name) {
  prepend(shown(name));
  return false;
}

bool Fault::inside_element(std::size_t index) {
  std::string step = "[";
  append_number(step, index);
  prepend(step += ']');
  return false;
}

void Fault::prepend(std::string step) {
  if (!path_.empty() && path_.front() != '[') step += '.';
  path_.insert(0, step);
}

Failure Fault::failure() const {
  return {"INVALID_FIELD", path_.empty() ? reason_ : path_ + ": " + reason_};
}

struct JsonReader::Buffers {
  alignas(16) std::array<char, values_bytes> values;
  alignas(16) std::array<char, stack_bytes> stack;
  Pool values_pool{values.data(), values.size()};
  Pool stack_pool{stack.data(), stack.size()};
  std::string text;
};

JsonReader::Buffers& JsonReader::thread_buffers() {
  // On the heap: threads that never read an event don't pay for it.
  thread_local const std::unique_ptr<Buffers> buffers{new Buffers};
  return *buffers;
}

JsonReader::JsonReader(std::string_view text, std::size_t levels_max)
    : buffers_(thread_buffers()), document_(&buffers_.values_pool, 1024, &buffers_.stack_pool) {
  if (!is_valid_utf8(text)) {
    failure_ = {"MALFORMED_JSON", "the text is not valid UTF-8"};
    return;
  }
  if (text.find('\0') != std::string_view::npos) {
    failure_ = {"MALFORMED_JSON", "the text holds a NUL character"};
    return;
  }
  has_escapes_ = text.find('\\') != std::string_view::npos;
  buffers_.text.assign(text);
  buffers_.text.append(sse_overread_bytes, '\0');
  parse(levels_max);
}

JsonReader::~JsonReader() {
  document_.SetNull();
  buffers_.values_pool.Clear();
  buffers_.stack_pool.Clear();
  if (buffers_.text.capacity() > kept_text_bytes_max) std::string().swap(buffers_.text);
}

void JsonReader::parse(std::size_t levels_max) {
  rj::ParseResult result;
  std::string why;
  auto generate = [&](Document& document) {
    DepthGuard guard(document, levels_max);
    rj::GenericReader<rj::UTF8<>, rj::UTF8<>, Pool> reader(&buffers_.stack_pool);
    rj::InsituStringStream stream(buffers_.text.data());
    result = reader.Parse<rj::kParseInsituFlag | rj::kParseNumbersAsStringsFlag>(stream, guard);
    if (!result.IsError()) return true;
    why = rj::GetParseError_En(result.Code());
    if (guard.number_out_of_range()) why = "a number is beyond what 64 bits hold";
    if (guard.too_deep()) {
      why = "nested deeper than ";
      append_number(why, levels_max);
      why += " levels";
    }
    return false;
  };
  document_.Populate(generate);
  if (!result.IsError()) return;
  why += " (at byte ";
  append_number(why, result.Offset());
  failure_ = {"MALFORMED_JSON", why + ")"};
}

bool accept_text(std::string_view text, bool has_escapes, Fault& fault) {
  if (!has_escapes) return true;
  if (text.find('\0') != std::string_view::npos) return fault.refuse("must not contain \\u0000");
  if (!is_valid_utf8(text)) return fault.refuse("must not contain half a surrogate pair");
  return true;
}

bool append_value(std::string& out, const Value& value, bool has_escapes, Fault& fault) {
  switch (value.GetType()) {
    case rj::kNullType:
      out += "null";
      return true;
    case rj::kFalseType:
      out += "false";
      return true;
    case rj::kTrueType:
      out += "true";
      return true;
    case rj::kNumberType:
      append_any_number(out, value);
      return true;
    case rj::kStringType:
      if (!accept_text(view(value), has_escapes, fault)) return false;
      append_text(out, view(value));
      return true;
    case rj::kObjectType:
      return append_object(out, value, has_escapes, fault);
    case rj::kArrayType:
      return append_array(out, value, has_escapes, fault);
  }
  return false;
}

}  // namespace carillon::events::json
