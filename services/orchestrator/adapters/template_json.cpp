#include "orchestrator/adapters/template_json.hpp"

#include <algorithm>
#include <array>

#include "pages/visitor.hpp"

namespace carillon::orchestrator {
namespace {

using http::json_string;

std::string names(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  for (const auto& item : items) quoted.push_back(json_string(item));
  return json_list(quoted);
}

const char* flag(bool value) {
  return value ? "true" : "false";
}

}  // namespace

std::string json_list(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + item;
  return out + "]";
}

std::string meta_members(const TemplateMeta& m) {
  std::string out = "\"key\":" + json_string(m.key);
  const auto text = [&out](const char* name, std::string_view value) {
    out += ",\"" + std::string(name) + "\":" + json_string(value);
  };
  const auto boolean = [&out](const char* name, bool value) { out += ",\"" + std::string(name) + "\":" + flag(value); };
  text("alias", m.alias);
  text("channel", events::enum_name(m.channel));
  text("audience", events::enum_name(m.audience));
  text("category", m.category);
  boolean("active", m.active);
  boolean("requires_provisioned", m.requires_provisioned);
  boolean("requires_active_subscription", m.requires_active_subscription);
  text("plan_required_feature_key", m.plan_required_feature_key);
  out += ",\"rate_limit_window_seconds\":" + std::to_string(m.rate_limit_window.count());
  text("rate_limit_key_variable", m.rate_limit_key_variable);
  text("default_locale", m.default_locale);
  text("priority", events::enum_name(m.priority));
  boolean("sensitive", m.sensitive);
  text("unconfirmed_policy", events::enum_name(m.unconfirmed_policy));
  boolean("explicit_recipient", m.explicit_recipient);
  boolean("client_required", m.client_required);
  boolean("unsubscribable", m.unsubscribable);
  out += ",\"required_variables\":" + names(m.required_variables) + ",\"sample_variables\":" + m.sample_variables;
  return out;
}

std::string preview_json(const Preview& preview) {
  std::string out = "{\"version\":" + std::to_string(preview.version);
  const auto text = [&out](const char* name, std::string_view value) {
    out += ",\"" + std::string(name) + "\":" + json_string(value);
  };
  text("locale", preview.locale);
  text("subject", preview.rendered.subject);
  text("text", preview.rendered.text);
  text("html", preview.rendered.html);
  text("problem", preview.problem);
  out += ",\"missing_variables\":" + names(preview.missing_variables);
  if (preview.sms) {
    out += std::string(",\"sms\":{\"encoding\":\"") +
           (preview.sms->encoding == SmsEncoding::GSM_7 ? "GSM-7" : "UCS-2") +
           "\",\"units\":" + std::to_string(preview.sms->units) +
           ",\"segments\":" + std::to_string(preview.sms->segments) + "}";
  }
  return out + "}";
}

std::string problems_json(const std::vector<DraftProblem>& problems) {
  std::vector<std::string> items;
  for (const DraftProblem& one : problems)
    items.push_back("{\"locale\":" + json_string(one.locale) + ",\"part\":" + json_string(one.part) +
                    ",\"detail\":" + json_string(one.detail) + "}");
  return json_list(items);
}

http::Response template_refusal(const Failure& failure) {
  struct CodeStatus {
    std::string_view code;
    int status;
  };
  constexpr std::array<CodeStatus, 10> statuses{{{"TEMPLATE_NOT_FOUND", 404},
                                                 {"TEMPLATE_VERSION_NOT_FOUND", 404},
                                                 {"TEMPLATE_CHANGED", 409},
                                                 {"TEMPLATE_VERSIONS_FULL", 409},
                                                 {"TEMPLATE_INACTIVE", 409},
                                                 {"TEMPLATE_BROKEN", 422},
                                                 {"TEMPLATE_NOT_FOR_CLIENTS", 422},
                                                 {"VARIABLES_MISSING", 422},
                                                 {"RENDERED_INVALID", 422},
                                                 {"IDEMPOTENCY_KEY_REUSED", 422}}};
  const auto known =
      std::find_if(statuses.begin(), statuses.end(), [&](const CodeStatus& each) { return each.code == failure.code; });
  const int status = known != statuses.end() ? known->status : failure.code == "REQUEST_TOO_LARGE" ? 413 : 400;
  const auto colon = failure.detail.find(": ");
  const std::string field = colon == std::string::npos ? "" : failure.detail.substr(0, colon);
  const bool is_field = !field.empty() && field.find(' ') == std::string::npos;
  return http::problem(status, failure.code, failure.detail, is_field ? "\"field\":" + json_string(field) : "");
}

Editor editor_of(const http::Request& request) {
  return {pages::actor_of(request), request.traceparent};
}

}  // namespace carillon::orchestrator
