#include "orchestrator/core/template_meta.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "events/json.hpp"

namespace carillon::orchestrator {
namespace {

using Value = rapidjson::Value;

struct Reader {
  TemplateMeta& meta;

  bool text(const Value& value, std::string& out) {
    if (!value.IsString()) return false;
    out.assign(value.GetString(), value.GetStringLength());
    return true;
  }
  bool flag(const Value& value, bool& out) {
    if (!value.IsBool()) return false;
    out = value.GetBool();
    return true;
  }
  template <class E>
  bool name(const Value& value, E& out) {
    return value.IsString() &&
           events::enum_from_name(std::string_view(value.GetString(), value.GetStringLength()), out);
  }
  bool seconds(const Value& value, std::chrono::seconds& out) {
    if (!value.IsInt64() || value.GetInt64() < 0) return false;
    out = std::chrono::seconds(value.GetInt64());
    return true;
  }
  bool names(const Value& value, std::vector<std::string>& out) {
    if (!value.IsArray()) return false;
    for (const Value& item : value.GetArray()) {
      if (!text(item, out.emplace_back())) return false;
    }
    return true;
  }
  bool object(const Value& value, std::string& out) {
    if (!value.IsObject()) return false;
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    value.Accept(writer);
    out.assign(buffer.GetString(), buffer.GetSize());
    return true;
  }

  bool words(std::string_view member, const Value& value) {
    if (member == "alias") return text(value, meta.alias);
    if (member == "category") return text(value, meta.category);
    if (member == "plan_required_feature_key") return text(value, meta.plan_required_feature_key);
    if (member == "rate_limit_key_variable") return text(value, meta.rate_limit_key_variable);
    if (member == "paired_with") return text(value, meta.paired_with);
    if (member == "default_locale") return text(value, meta.default_locale) && !meta.default_locale.empty();
    if (member == "flow") return text(value, meta.flow);
    if (member == "service") return text(value, meta.service);
    if (member == "channel") return name(value, meta.channel);
    if (member == "audience") return name(value, meta.audience);
    if (member == "priority") return name(value, meta.priority);
    if (member == "unconfirmed_policy") return name(value, meta.unconfirmed_policy);
    if (member == "required_variables") return names(value, meta.required_variables);
    if (member == "sample_variables") return object(value, meta.sample_variables);
    return false;
  }
  bool member(std::string_view member, const Value& value) {
    if (member == "active") return flag(value, meta.active);
    if (member == "requires_provisioned") return flag(value, meta.requires_provisioned);
    if (member == "requires_active_subscription") return flag(value, meta.requires_active_subscription);
    if (member == "sensitive") return flag(value, meta.sensitive);
    if (member == "explicit_recipient") return flag(value, meta.explicit_recipient);
    if (member == "client_required") return flag(value, meta.client_required);
    if (member == "from_client_number") return flag(value, meta.from_client_number);
    if (member == "unsubscribable") return flag(value, meta.unsubscribable);
    if (member == "rate_limit_window_seconds") return seconds(value, meta.rate_limit_window);
    return words(member, value);
  }
};

bool may_be_unsubscribed(const TemplateMeta& meta) {
  return meta.channel == events::Channel::EMAIL && meta.audience == events::Audience::CLIENT && !meta.sensitive &&
         !meta.category.empty() && meta.category != security_category &&
         meta.category.size() <= unsubscribable_category_chars_max;
}

}  // namespace

Result<TemplateMeta> read_template_meta(std::string_view key, std::string_view json) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  if (document.HasParseError() || !document.IsObject()) {
    return Failure{"INVALID_TEMPLATE_META", std::string(key) + ": not a JSON object"};
  }
  TemplateMeta meta;
  meta.key = key;
  Reader reader{meta};
  for (const auto& entry : document.GetObject()) {
    const std::string_view name(entry.name.GetString(), entry.name.GetStringLength());
    if (!reader.member(name, entry.value)) {
      return Failure{"INVALID_TEMPLATE_META",
                     std::string(key) + ": " + std::string(name) + " is unknown or has a bad value"};
    }
  }
  if (meta.channel == events::Channel{} || meta.audience == events::Audience{} || meta.priority == events::Priority{} ||
      meta.unconfirmed_policy == events::UnconfirmedPolicy{}) {
    return Failure{"INVALID_TEMPLATE_META",
                   std::string(key) + ": channel, audience, priority and unconfirmed_policy are needed"};
  }
  if (meta.channel == events::Channel::SLACK && meta.audience != events::Audience::CLIENT) {
    return Failure{"INVALID_TEMPLATE_META",
                   std::string(key) + ": SLACK reaches clients alone, staff have no webhook URL"};
  }
  if (meta.unsubscribable && !may_be_unsubscribed(meta)) {
    return Failure{"INVALID_TEMPLATE_META",
                   std::string(key) +
                       ": unsubscribable is for e-mail to clients with a category, not for sensitive "
                       "templates or the category security"};
  }
  return meta;
}

}  // namespace carillon::orchestrator
