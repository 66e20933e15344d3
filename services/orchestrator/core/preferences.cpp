#include "orchestrator/core/preferences.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <set>

namespace carillon::orchestrator {
namespace {

using events::Channel;
using Value = rapidjson::Value;

Failure invalid(const std::string& field, std::string_view what) {
  return {"INVALID_FIELD", field + ": " + std::string(what)};
}

Failure always_sent(const std::string& field) {
  return {"ALWAYS_SENT", field + ": is always sent and can't be switched on or off"};
}

std::string_view text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

// What the scope names on the channel, with its key where it was an alias.
Result<std::string> find_scope(const TemplateCatalog& catalog, Channel channel, std::string_view scope,
                               const std::string& at) {
  if (scope == every_scope) return std::string(scope);
  if (const Template* entry = catalog.find(scope)) {
    if (!can_be_switched_off(entry->meta)) return always_sent(at + ".scope");
    if (entry->meta.channel != channel)
      return invalid(at + ".channel", std::string("must be ") + events::enum_name(entry->meta.channel) +
                                          ", by which this template is sent");
    return entry->meta.key;
  }
  bool is_category = false, on_channel = false;
  for (const Template* entry : catalog.all()) {
    if (scope.empty() || entry->meta.category != scope || entry->meta.audience != events::Audience::CLIENT) continue;
    is_category = true;
    if (entry->meta.channel != channel) continue;
    on_channel = true;
    if (can_be_switched_off(entry->meta)) return std::string(scope);
  }
  if (!is_category) return invalid(at + ".scope", "must be a template, a category or * for everything");
  return on_channel ? always_sent(at + ".scope")
                    : invalid(at + ".channel", "no message of this category is sent by it");
}

Result<Preference> read_preference(const Value& value, const TemplateCatalog& catalog, const std::string& at) {
  if (!value.IsObject()) return invalid(at, "must be an object with channel, scope and enabled");
  Preference read;
  std::set<std::string> given;
  std::string scope;
  for (const auto& member : value.GetObject()) {
    const std::string name(text_of(member.name));
    if (name == "enabled" && member.value.IsBool())
      read.enabled = member.value.GetBool();
    else if (name == "scope" && member.value.IsString())
      scope = text_of(member.value);
    else if (name == "channel" && member.value.IsString())
      events::enum_from_name(text_of(member.value), read.channel);
    else if (name == "enabled" || name == "scope" || name == "channel")
      return invalid(at + "." + name, "has a wrong type");
    else
      return invalid(at, "unknown field; there are channel, scope, enabled");
    if (!given.insert(name).second) return invalid(at + "." + name, "appears twice");
  }
  if (read.channel == Channel{}) return invalid(at + ".channel", "must be one of EMAIL, SMS, SLACK");
  if (given.count("enabled") == 0) return invalid(at + ".enabled", "is required");
  auto known = find_scope(catalog, read.channel, scope, at);
  if (!known) return known.error();
  read.scope = std::move(*known);
  return read;
}

Result<std::vector<Preference>> read_preferences(const Value& value, const TemplateCatalog& catalog) {
  if (!value.IsArray()) return invalid("preferences", "must be a list");
  if (value.Size() > preferences_max)
    return invalid("preferences", fmt::format("must have at most {} entries", preferences_max));
  std::vector<Preference> read;
  std::set<std::pair<Channel, std::string>> given;
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    const std::string at = fmt::format("preferences[{}]", i);
    auto one = read_preference(value[i], catalog, at);
    if (!one) return one.error();
    if (!given.emplace(one->channel, one->scope).second) return invalid(at, "repeats another one");
    read.push_back(std::move(*one));
  }
  return read;
}

std::optional<Failure> read_quiet_hours(const Value& value, WishesChange& change) {
  change.sets_quiet_hours = true;
  if (value.IsNull()) return std::nullopt;
  if (!value.IsString()) return invalid("quiet_hours", "must be a text such as 22:00-07:00, or null");
  auto hours = parse_quiet_hours(text_of(value));
  if (!hours) return hours.error();
  change.quiet_hours = *hours;
  return std::nullopt;
}

}  // namespace

bool can_be_switched_off(const TemplateMeta& meta) {
  return meta.audience == events::Audience::CLIENT && !meta.sensitive && meta.category != security_category &&
         meta.category != billing_category && meta.priority != events::Priority::CRITICAL &&
         meta.unconfirmed_policy != events::UnconfirmedPolicy::RESEND;
}

Result<WishesChange> read_wishes(std::string_view json, const TemplateCatalog& catalog, bool of_recipient) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) return Failure{"MALFORMED_JSON", "body: must be a JSON object"};
  WishesChange change;
  for (const auto& member : document.GetObject()) {
    const std::string_view name = text_of(member.name);
    if (name == "preferences" && !change.preferences) {
      auto read = read_preferences(member.value, catalog);
      if (!read) return read.error();
      change.preferences = std::move(*read);
    } else if (name == "quiet_hours" && !of_recipient && !change.sets_quiet_hours) {
      if (auto failure = read_quiet_hours(member.value, change)) return *failure;
    } else {
      return invalid("body",
                     of_recipient ? "there is preferences alone" : "there are preferences and quiet_hours, once");
    }
  }
  if (!change.preferences && !change.sets_quiet_hours)
    return invalid("body", of_recipient ? "must have preferences" : "must have preferences or quiet_hours");
  return change;
}

bool is_enabled(const std::vector<Preference>& preferences, Channel channel, std::string_view template_key,
                std::string_view category) {
  for (const std::string_view scope : {template_key, category, every_scope}) {
    const auto found = std::find_if(preferences.begin(), preferences.end(), [&](const Preference& one) {
      return one.channel == channel && one.scope == scope;
    });
    if (found != preferences.end()) return found->enabled;
  }
  return true;
}

}  // namespace carillon::orchestrator
