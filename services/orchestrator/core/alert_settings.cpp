#include "orchestrator/core/alert_settings.hpp"

#include <rapidjson/document.h>

#include "events/json.hpp"
#include "values/recipient.hpp"
#include "values/slack_webhook.hpp"

namespace carillon::orchestrator {
namespace {

using rapidjson::Value;

Failure invalid(std::string_view field, std::string_view what) {
  return {"INVALID_FIELD", std::string(field) + ": " + std::string(what)};
}

std::string text_of(const Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

std::optional<std::size_t> find_toggle(std::string_view name) {
  for (std::size_t i = 0; i < alert_toggles_count; ++i) {
    if (alert_kinds[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<Failure> read_toggles(const Value& alerts, AlertChange& change) {
  if (!alerts.IsObject()) return invalid("alerts", "must be an object");
  for (const auto& member : alerts.GetObject()) {
    const std::string path = "alerts." + text_of(member.name);
    const auto toggle = find_toggle(text_of(member.name));
    if (!toggle) return invalid(path, "there is no such alert");
    if (!member.value.IsBool()) return invalid(path, "must be true or false");
    change.toggles[*toggle] = member.value.GetBool();
  }
  return std::nullopt;
}

std::optional<Failure> read_member(const std::string& name, const Value& value, AlertChange& change) {
  if (name == "alerts") return read_toggles(value, change);
  if (name != "email" && name != "slack_webhook_url")
    return invalid(name, "unknown field; there are email, slack_webhook_url, alerts");
  if (!value.IsString()) return invalid(name, "must be text; \"\" removes it");
  (name == "email" ? change.email : change.slack_webhook) = text_of(value);
  return std::nullopt;
}

}  // namespace

std::string AlertToggles::json() const {
  std::string out;
  for (std::size_t i = 0; i < alert_toggles_count; ++i) {
    out += i == 0 ? "{\"" : ",\"";
    out += alert_kinds[i].name;
    out += on_[i] ? "\":true" : "\":false";
  }
  return out + "}";
}

AlertToggles AlertToggles::from_json(std::string_view json) {
  AlertToggles toggles;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(json.data(), json.size());
  if (!document.IsObject()) return toggles;
  for (const auto& member : document.GetObject()) {
    if (const auto toggle = find_toggle(text_of(member.name)))
      toggles.on_[*toggle] = member.value.IsBool() && member.value.GetBool();
  }
  return toggles;
}

std::vector<events::Channel> AlertSettings::channels() const {
  std::vector<events::Channel> with_address;
  for (const events::Channel channel : alert_channels) {
    if (!address_on(channel).empty()) with_address.push_back(channel);
  }
  return with_address.empty() ? std::vector<events::Channel>(alert_channels.begin(), alert_channels.end())
                              : with_address;
}

Result<AlertChange> read_alert_change(std::string_view json, const std::vector<std::string>& slack_hosts) {
  const auto object = events::parse_object(json);
  if (!object) return object.error();
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(object->text.data(), object->text.size());
  AlertChange change;
  for (const auto& member : document.GetObject()) {
    if (auto bad = read_member(text_of(member.name), member.value, change)) return *bad;
  }
  if (auto bad = check_addresses(change, slack_hosts)) return *bad;
  return change;
}

std::optional<Failure> check_addresses(AlertChange& change, const std::vector<std::string>& slack_hosts) {
  if (change.email && !change.email->empty()) {
    auto email = parse_email(*change.email);
    if (!email) return invalid("email", "must be an address like ann@example.com");
    change.email = std::move(*email);
  }
  if (change.slack_webhook && !change.slack_webhook->empty()) {
    const auto url = parse_slack_webhook(*change.slack_webhook, slack_hosts);
    if (!url)
      return invalid("slack_webhook_url",
                     "must be the URL of an incoming webhook, such as https://hooks.slack.com/services/T…/B…/…");
    change.slack_webhook = url->origin + url->path;
  }
  return std::nullopt;
}

std::string apply(const AlertChange& change, AlertSettings& settings) {
  std::string changed;
  const auto note = [&changed](std::string_view name) { (changed += changed.empty() ? "" : ",") += name; };
  if (change.email && *change.email != settings.email) {
    settings.email = *change.email;
    note("email");
  }
  if (change.slack_webhook && *change.slack_webhook != settings.slack_webhook) {
    settings.slack_webhook = *change.slack_webhook;
    note("slack_webhook_url");
  }
  for (std::size_t i = 0; i < alert_toggles_count; ++i) {
    const AlertType type = alert_kinds[i].type;
    if (!change.toggles[i] || *change.toggles[i] == settings.toggles.is_on(type)) continue;
    settings.toggles.set(type, *change.toggles[i]);
    note(alert_kinds[i].name);
  }
  return changed;
}

}  // namespace carillon::orchestrator
