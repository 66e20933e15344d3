#include "orchestrator/core/template_orders.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <functional>
#include <map>

#include "events/json.hpp"
#include "orchestrator/core/template_draft.hpp"

namespace carillon::orchestrator {
namespace {

using Json = rapidjson::Value;

std::string text_of(const Json& value) {
  return {value.GetString(), value.GetStringLength()};
}

std::string written(const Json& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

// One object whose members are read by name; what is wrong first is kept.
class Members {
 public:
  using Read = std::function<const char*(const Json&)>;  // nullptr: fine; else what the member must be

  Members& take(const char* name, Read read) {
    readers_[name] = std::move(read);
    return *this;
  }
  Members& text(const char* name, std::string& to) {
    return take(name, [&to](const Json& value) -> const char* {
      if (!value.IsString()) return "must be a text";
      to = text_of(value);
      return nullptr;
    });
  }
  Members& number(const char* name, int& to) {
    return take(name, [&to](const Json& value) -> const char* {
      if (!value.IsInt() || value.GetInt() < 0) return "must be a whole number from 0";
      to = value.GetInt();
      return nullptr;
    });
  }

  std::optional<Failure> read(const Json& object, const std::string& path = {}) const {
    for (const auto& member : object.GetObject()) {
      const std::string name = text_of(member.name);
      const auto reader = readers_.find(name);
      if (reader == readers_.end()) return Failure{"INVALID_FIELD", path + name + ": unknown member"};
      if (member.value.IsNull()) continue;
      if (const char* why = reader->second(member.value)) return Failure{"INVALID_FIELD", path + name + ": " + why};
    }
    return std::nullopt;
  }

 private:
  std::map<std::string, Read> readers_;
};

std::optional<Failure> read_into(std::string_view json, const Members& members) {
  // The codec's rules first: no duplicates, valid UTF-8, not too deep.
  if (const auto checked = events::parse_object(json); !checked)
    return Failure{"MALFORMED_JSON", checked.error().detail};
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return Failure{"MALFORMED_JSON", "send a JSON object"};
  return members.read(document);
}

// Numbers keep the digits they came with, 19.90 for one, so they are read from the whole order again as texts.
Members::Read variables_into(std::optional<events::JsonObject>& to, std::string_view order) {
  return [&to, order](const Json& value) -> const char* {
    if (!value.IsObject()) return "must be an object";
    rapidjson::Document with_digits;
    with_digits.Parse<rapidjson::kParseNumbersAsStringsFlag>(order.data(), order.size());
    to = events::JsonObject{written(with_digits["variables"])};
    return nullptr;
  };
}

Members::Read bodies_into(std::vector<TemplateBody>& to, std::string& why) {
  return [&to, &why](const Json& value) -> const char* {
    if (!value.IsArray() || value.Empty()) return "must be a list with the words of each locale";
    if (value.Size() > draft_locales_max) return "has too many locales";
    for (const Json& item : value.GetArray()) {
      if (!item.IsObject()) return "must hold objects";
      TemplateBody& body = to.emplace_back();
      Members members;
      members.text("locale", body.locale).text("subject", body.subject).text("text", body.text).text("html", body.html);
      if (const auto bad = members.read(item)) {
        why = "must hold well-formed words: " + bad->detail;
        return why.c_str();
      }
      body.text = with_plain_line_breaks(body.text);
      body.html = with_plain_line_breaks(body.html);
    }
    return nullptr;
  };
}

Failure required(const char* name) {
  return {"INVALID_FIELD", std::string(name) + ": is required"};
}

}  // namespace

Result<VersionOrder> read_version_order(std::string_view json) {
  VersionOrder order;
  std::string why;
  Members members;
  members.number("based_on", order.based_on).number("from", order.from).take("bodies", bodies_into(order.bodies, why));
  if (auto bad = read_into(json, members)) return *bad;
  if (order.based_on == 0) return required("based_on");
  if (order.bodies.empty()) return required("bodies");
  return order;
}

Result<ActivationOrder> read_activation_order(std::string_view json) {
  ActivationOrder order;
  int replaces = 0;
  Members members;
  members.number("version", order.version).number("replaces", replaces);
  if (auto bad = read_into(json, members)) return *bad;
  if (order.version == 0) return required("version");
  if (replaces != 0) order.replaces = replaces;
  return order;
}

Result<bool> read_switch_order(std::string_view json) {
  std::optional<bool> active;
  Members members;
  members.take("active", [&active](const Json& value) -> const char* {
    if (!value.IsBool()) return "must be true or false";
    active = value.GetBool();
    return nullptr;
  });
  if (auto bad = read_into(json, members)) return *bad;
  if (!active) return required("active");
  return *active;
}

Result<PreviewWish> read_preview_wish(std::string_view json) {
  PreviewWish wish;
  std::string why;
  Members members;
  members.number("version", wish.version)
      .text("locale", wish.locale)
      .take("bodies", bodies_into(wish.bodies, why))
      .take("variables", variables_into(wish.variables, json));
  if (auto bad = read_into(json, members)) return *bad;
  if (wish.version != 0 && !wish.bodies.empty())
    return Failure{"INVALID_FIELD", "bodies: can't stand beside version; give one of them"};
  return wish;
}

Result<MessageWish> read_message_wish(std::string_view json, WishOf what) {
  MessageWish wish;
  std::string body;
  Members members;
  members.text("recipient", wish.recipient)
      .text("locale", wish.locale)
      .take("variables", variables_into(wish.variables, json));
  if (what == WishOf::TEST) members.number("version", wish.version);
  if (what != WishOf::TEST) members.text("client_id", wish.client_id).text("reason", wish.reason);
  if (what == WishOf::MESSAGE) members.text("template_key", wish.template_key);
  if (what == WishOf::SMS_TEST) members.text("body", body);
  if (auto bad = read_into(json, members)) return *bad;
  if (what == WishOf::MESSAGE && wish.template_key.empty()) return required("template_key");
  if (body.empty()) return wish;
  if (wish.variables) return Failure{"INVALID_FIELD", "variables: can't stand beside body; give one of them"};
  rapidjson::Document variables(rapidjson::kObjectType);
  variables.AddMember("body",
                      Json(body.c_str(), static_cast<rapidjson::SizeType>(body.size()), variables.GetAllocator()),
                      variables.GetAllocator());
  wish.variables = events::JsonObject{written(variables)};
  return wish;
}

}  // namespace carillon::orchestrator
