#include "orchestrator/core/body_hash.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <string_view>

namespace carillon::orchestrator {
namespace {

void sort_members(rapidjson::Value& value) {
  if (value.IsArray()) {
    for (auto& item : value.GetArray()) sort_members(item);
  }
  if (!value.IsObject()) return;
  std::sort(value.MemberBegin(), value.MemberEnd(), [](const auto& a, const auto& b) {
    return std::string_view(a.name.GetString(), a.name.GetStringLength()) <
           std::string_view(b.name.GetString(), b.name.GetStringLength());
  });
  for (auto& member : value.GetObject()) sort_members(member.value);
}

}  // namespace

std::string canonical_body(const events::SendRequest& request) {
  events::SendRequest body = request;
  body.message_id.clear();
  body.source.clear();
  body.idempotency_key.clear();
  body.sealed.clear();
  body.accepted_at.reset();
  body.context.reset();
  if (body.variables.text != "{}") {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseIterativeFlag>(body.variables.text.data(), body.variables.text.size());
    if (!document.HasParseError()) {
      sort_members(document);
      rapidjson::StringBuffer buffer;
      rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
      document.Accept(writer);
      body.variables.text.assign(buffer.GetString(), buffer.GetSize());
    }
  }
  return events::to_json(body);
}

}  // namespace carillon::orchestrator
