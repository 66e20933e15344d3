#include "provisioning/core/compliance_item.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <array>

#include "events/json.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::array<std::string_view, 3> statuses{item_active, item_unverified, item_resolved};
constexpr const char* statuses_text = "status: must be one of ACTIVE, PENDING_VERIFICATION, RESOLVED";

Failure invalid(std::string text) {
  return {"INVALID_FIELD", std::move(text)};
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::optional<Failure> read_member(std::string_view name, const std::string& value, ComplianceItem& to) {
  if (name == "name") {
    if (value.find_first_not_of(' ') == std::string::npos) return invalid("name: must not be empty");
    if (has_control_characters(value)) return invalid("name: must not hold control characters");
    if (characters(value) > item_name_chars_max)
      return invalid("name: may hold " + std::to_string(item_name_chars_max) + " characters at most");
    to.name = value;
  } else if (name == "expires_on") {
    const auto date = read_date(value);
    if (!date) return invalid("expires_on: must be a date such as 2027-02-28");
    to.expires_on = *date;
  } else if (name == "status") {
    if (std::find(statuses.begin(), statuses.end(), value) == statuses.end()) return invalid(statuses_text);
    to.status = value;
  } else {
    return invalid("body: holds a field that is not known; there are name, expires_on, status");
  }
  return std::nullopt;
}

}  // namespace

Result<ComplianceItem> changed_item(const ComplianceItem& item, std::string_view body, bool is_new, UtcTime now) {
  const auto object = events::parse_object(body);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  ComplianceItem next = item;
  for (const auto& member : document.GetObject()) {
    const std::string name(member.name.GetString(), member.name.GetStringLength());
    const std::string value =
        member.value.IsString() ? std::string(member.value.GetString(), member.value.GetStringLength()) : std::string{};
    const bool is_known = name == "name" || name == "expires_on" || name == "status";
    if (is_known && !member.value.IsString()) return invalid(name + ": must be a text");
    if (auto failure = read_member(name, value, next)) return *failure;
  }
  if (is_new && !document.HasMember("name")) return invalid("name: is required");
  if (is_new && !document.HasMember("expires_on")) return invalid("expires_on: is required");
  if (is_new || next.status != item.status) next.status_since = now;
  return next;
}

std::vector<std::string_view> changed_fields(const ComplianceItem& before, const ComplianceItem& after) {
  std::vector<std::string_view> fields;
  if (before.name != after.name) fields.emplace_back("name");
  if (before.expires_on != after.expires_on) fields.emplace_back("expires_on");
  if (before.status != after.status) fields.emplace_back("status");
  return fields;
}

Result<ItemFilter> read_item_filter(const QueryFields& query) {
  if (auto failure = refuse_unknown(query, {"status", "limit", "cursor"})) return *failure;
  ItemFilter filter;
  auto failure = read_word(query, "status", {item_active, item_unverified, item_resolved}, filter.status);
  if (!failure) failure = read_page(query, filter.limit, filter.after);
  if (failure) return *failure;
  if (filter.after && !is_uuid(filter.after->id))
    return invalid("cursor: is not one of this list; start again without it");
  return filter;
}

}  // namespace carillon::provisioning
