#include <boost/mp11.hpp>

#include <array>
#include <charconv>
#include <limits>
#include <type_traits>

#include "events/events.hpp"
#include "events/json_document.hpp"
#include "events/json_text.hpp"

namespace carillon::events {
namespace {

using json::Fault;
using json::Value;

constexpr std::size_t event_bytes_typical = 1024;
constexpr std::size_t listed_names_max = 8;

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;
template <class T>
concept Described = boost::describe::has_describe_members<T>::value;
template <class E>
concept DescribedEnum = boost::describe::has_describe_enumerators<E>::value;

// Names by value; a static assertion below keeps the values 0, 1, 2, ... as the contract has them.
template <DescribedEnum E>
constexpr auto names_of = []<template <class...> class L, class... D>(L<D...>) {
  return std::array<std::string_view, sizeof...(D)>{D::name...};
}(boost::describe::describe_enumerators<E>{});

template <DescribedEnum E>
constexpr bool is_numbered_from_zero = []<template <class...> class L, class... D>(L<D...>) {
  int next = 0;
  return ((static_cast<int>(D::value) == next++) && ...);
}(boost::describe::describe_enumerators<E>{});

// ---- writing

template <Described T>
void write(std::string& out, const T& value);

template <class T>
bool is_default(const T& value) {
  return value == T{};
}

void write(std::string& out, const std::string& value) {
  json::append_text(out, value);
}
void write(std::string& out, bool value) {
  out += value ? "true" : "false";
}
void write(std::string& out, std::int32_t value) {
  json::append_number(out, value);
}
void write(std::string& out, std::int64_t value) {
  out += '"';
  json::append_number(out, value);
  out += '"';
}
void write(std::string& out, double value) {
  json::append_number(out, value);
}
void write(std::string& out, UtcTime value) {
  out += '"';
  append_rfc3339(out, value);
  out += '"';
}
void write(std::string& out, const JsonObject& value) {
  out += value.text;
}
template <DescribedEnum E>
void write(std::string& out, E value) {
  out += '"';
  out += enum_name(value);
  out += '"';
}
void write(std::string& out, const std::map<std::string, std::string>& value) {
  char separator = '{';
  for (const auto& [name, text] : value) {
    out += separator;
    separator = ',';
    json::append_text(out, name);
    out += ':';
    json::append_text(out, text);
  }
  if (separator == '{') out += separator;
  out += '}';
}
template <class T>
void write(std::string& out, const std::optional<T>& value) {
  write(out, *value);  // is_default() has kept the empty one away
}
template <class T>
void write(std::string& out, const std::vector<T>& value) {
  char separator = '[';
  for (const T& element : value) {
    out += separator;
    separator = ',';
    write(out, element);
  }
  out += ']';
}
template <Described T>
void write(std::string& out, const T& value) {
  out += '{';
  bool first = true;
  boost::mp11::mp_for_each<Members<T>>([&](auto member) {
    const auto& field = value.*member.pointer;
    if (is_default(field)) return;
    out.append(first ? "\"" : ",\"");
    out.append(member.name);
    out.append("\":");
    first = false;
    write(out, field);
  });
  out += '}';
}

// ---- reading

struct Scope {
  bool has_escapes;
  Fault fault;
};

bool read(const Value& json, std::string& out, Scope& scope) {
  if (!json.IsString()) return scope.fault.refuse("must be text");
  if (!json::accept_text(json::view(json), scope.has_escapes, scope.fault)) return false;
  out = json::view(json);
  return true;
}

bool read(const Value& json, bool& out, Scope& scope) {
  if (!json.IsBool()) return scope.fault.refuse("must be true or false");
  out = json.GetBool();
  return true;
}

bool read(const Value& json, std::int32_t& out, Scope& scope) {
  if (!json.IsInt()) return scope.fault.refuse("must be a whole number from -2147483648 to 2147483647");
  out = json.GetInt();
  return true;
}

bool read(const Value& json, std::int64_t& out, Scope& scope) {
  if (json.IsInt64()) {
    out = json.GetInt64();
    return true;
  }
  if (json.IsString()) {
    const std::string_view text = json::view(json);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error == std::errc{} && end == text.data() + text.size()) return true;
  }
  return scope.fault.refuse("must be a whole number of at most 64 bits, best as decimal text");
}

bool read(const Value& json, double& out, Scope& scope) {
  if (!json.IsNumber()) return scope.fault.refuse("must be a number");
  out = json.GetDouble();
  return true;
}

bool read(const Value& json, UtcTime& out, Scope& scope) {
  if (json.IsString()) {
    if (const std::optional<UtcTime> time = from_rfc3339(json::view(json))) {
      out = *time;
      return true;
    }
  }
  return scope.fault.refuse("must be a time such as \"2026-01-31T23:59:59Z\"");
}

bool read(const Value& json, JsonObject& out, Scope& scope) {
  if (!json.IsObject()) return scope.fault.refuse("must be an object");
  out.text.clear();
  return json::append_value(out.text, json, scope.has_escapes, scope.fault);
}

template <DescribedEnum E>
bool read(const Value& json, E& out, Scope& scope) {
  if (json.IsString() && enum_from_name(json::view(json), out)) return true;
  std::string reason = "must be one of ";
  constexpr std::size_t listed = std::min(listed_names_max, names_of<E>.size() - 1);
  for (std::size_t i = 1; i <= listed; ++i) {
    if (i > 1) reason += ", ";
    reason += names_of<E>[i];
  }
  if (listed + 1 < names_of<E>.size()) reason += ", ...";
  return scope.fault.refuse(std::move(reason));
}

bool read(const Value& json, std::map<std::string, std::string>& out, Scope& scope) {
  if (!json.IsObject()) return scope.fault.refuse("must be an object");
  for (const auto& member : json.GetObject()) {
    std::string name, text;
    if (!read(member.name, name, scope)) return scope.fault.inside_member(json::view(member.name));
    if (!read(member.value, text, scope)) return scope.fault.inside_member(name);
    if (!out.try_emplace(name, std::move(text)).second) {
      scope.fault.refuse("appears twice");
      return scope.fault.inside_member(name);
    }
  }
  return true;
}

template <Described T>
bool read(const Value& json, T& out, Scope& scope);

template <class T>
bool read(const Value& json, std::optional<T>& out, Scope& scope) {
  return read(json, out.emplace(), scope);
}

template <class T>
bool read(const Value& json, std::vector<T>& out, Scope& scope) {
  if (!json.IsArray()) return scope.fault.refuse("must be an array");
  out.reserve(json.Size());
  std::size_t index = 0;
  for (const Value& element : json.GetArray()) {
    if (!read(element, out.emplace_back(), scope)) return scope.fault.inside_element(index);
    ++index;
  }
  return true;
}

template <class T>
struct Field {
  std::string_view name;
  bool (*read)(const Value&, T&, Scope&);
};

template <class T, class Member>
bool read_member(const Value& json, T& out, Scope& scope) {
  return read(json, out.*Member::pointer, scope);
}

template <class T>
constexpr auto fields_of = []<template <class...> class L, class... D>(L<D...>) {
  return std::array<Field<T>, sizeof...(D)>{Field<T>{D::name, &read_member<T, D>}...};
}(Members<T>{});

// The place of `name`, searched from `from` round to it again: senders mostly keep the contract's order.
template <std::size_t N, class T>
std::size_t find_field(const std::array<Field<T>, N>& fields, std::string_view name, std::size_t from) {
  for (std::size_t step = 0; step < N; ++step) {
    const std::size_t index = (from + step) % N;
    if (fields[index].name == name) return index;
  }
  return N;
}

template <Described T>
bool read(const Value& json, T& out, Scope& scope) {
  constexpr auto& fields = fields_of<T>;
  static_assert(fields.size() <= 64, "`seen` has a bit for each field");
  if (!json.IsObject()) return scope.fault.refuse("must be an object");
  std::uint64_t seen = 0;
  std::size_t next = 0;
  for (const auto& member : json.GetObject()) {
    const std::string_view name = json::view(member.name);
    const std::size_t index = find_field(fields, name, next);
    if (index == fields.size()) {
      scope.fault.refuse("unknown field");
      return scope.fault.inside_member(name);
    }
    const std::uint64_t bit = std::uint64_t{1} << index;
    if ((seen & bit) != 0) {
      scope.fault.refuse("appears twice");
      return scope.fault.inside_member(name);
    }
    seen |= bit;
    next = index + 1;
    if (!member.value.IsNull() && !fields[index].read(member.value, out, scope)) return scope.fault.inside_member(name);
  }
  return true;
}

}  // namespace

template <class T>
Result<T> from_json(std::string_view text) {
  const json::JsonReader reader(text, json::depth_max);
  if (!reader.ok()) return reader.failure();
  T value;
  Scope scope{reader.has_escapes(), {}};
  if (!read(reader.root(), value, scope)) return scope.fault.failure();
  return value;
}

template <class T>
void append_json(std::string& out, const T& value) {
  write(out, value);
}

template <class T>
std::string to_json(const T& value) {
  std::string out;
  out.reserve(event_bytes_typical);
  write(out, value);
  return out;
}

template <class E>
const char* enum_name(E value) {
  static_assert(is_numbered_from_zero<E>);
  const auto index = static_cast<std::size_t>(value);
  if (index >= names_of<E>.size()) throw std::invalid_argument("enum_name: not a value of the enum");
  return names_of<E>[index].data();  // made from literals, so it ends with NUL
}

template <class E>
bool enum_from_name(std::string_view name, E& out) {
  for (std::size_t i = 0; i < names_of<E>.size(); ++i) {
    if (names_of<E>[i] == name) {
      out = static_cast<E>(i);
      return true;
    }
  }
  return false;
}

Result<JsonObject> parse_object(std::string_view text) {
  // One level less than an event may have: the object will be a field of one.
  const json::JsonReader reader(text, json::depth_max - 1);
  if (!reader.ok()) return reader.failure();
  JsonObject object;
  Scope scope{reader.has_escapes(), {}};
  if (!read(reader.root(), object, scope)) return scope.fault.failure();
  return object;
}

#define CARILLON_EVENT(T)                                 \
  template Result<T> from_json<T>(std::string_view text); \
  template std::string to_json<T>(const T& value);        \
  template void append_json<T>(std::string & out, const T& value);
#define CARILLON_ENUM(E)                      \
  template const char* enum_name<E>(E value); \
  template bool enum_from_name<E>(std::string_view name, E & out);

CARILLON_EVENT(Context)
CARILLON_EVENT(SendRequest)
CARILLON_EVENT(SealedContent)
CARILLON_EVENT(Dispatch)
CARILLON_EVENT(MessageEvent)
CARILLON_EVENT(AuditEvent)
CARILLON_EVENT(Contacts)
CARILLON_EVENT(Entitlement)
CARILLON_EVENT(ClientState)
CARILLON_EVENT(ProviderState)
CARILLON_EVENT(Feedback)
CARILLON_EVENT(BillingEvent)
CARILLON_EVENT(MetricsSnapshot)
CARILLON_EVENT(TenantMetrics)

CARILLON_ENUM(Channel)
CARILLON_ENUM(Priority)
CARILLON_ENUM(Audience)
CARILLON_ENUM(UnconfirmedPolicy)
CARILLON_ENUM(Status)
CARILLON_ENUM(FeedbackKind)
CARILLON_ENUM(BillingKind)

#undef CARILLON_EVENT
#undef CARILLON_ENUM

}  // namespace carillon::events
