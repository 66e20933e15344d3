#include "orchestrator/adapters/manual_message_pages.hpp"

#include "orchestrator/adapters/template_json.hpp"
#include "orchestrator/adapters/template_parts.hpp"
#include "orchestrator/core/gate_words.hpp"
#include "orchestrator/core/send_request.hpp"
#include "orchestrator/core/variable_fields.hpp"
#include "pages/access.hpp"
#include "pages/assets.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using pages::FieldError;
using pages::Values;
using security::Role;

constexpr const char* here = "/admin/messages/new";
constexpr const char* plain_fields[] = {"client_id", "recipient", "locale", "reason", "once"};

std::string field_of(const std::string& variable) {
  return "var_" + variable;
}

bool may_be_sent(const TemplateSummary& one) {
  return one.meta.audience == events::Audience::CLIENT && one.meta.active;
}

pages::Page frame(const http::Request& request, const TemplateMeta* meta) {
  return templates_frame(request, "Write a message",
                         meta ? channel_words(meta->channel) + " with the template " + meta->key + "."
                              : "One message to one client or recipient, with a template's words.");
}

// Everything that was written, for a form that goes on without being seen.
Values hidden_fields(const TemplateMeta& meta, const pages::Form& form) {
  Values fields = list();
  const auto add = [&](const std::string& name) {
    Values one = object();
    one["name"] = name;
    one["value"] = shown(form[name]);
    fields << one;
  };
  for (const char* name : plain_fields) add(name);
  for (const VariableField& field : variable_fields(meta)) add(field_of(field.name));
  return fields;
}

HandMadeMessage message_of(const TemplateMeta& meta, const pages::Form& form, events::JsonObject variables) {
  HandMadeMessage message;
  message.template_key = meta.key;
  message.client_id = form.trimmed("client_id");
  message.recipient = form.trimmed("recipient");
  message.locale = form.trimmed("locale");
  message.reason = form.trimmed("reason");
  message.variables = std::move(variables);
  message.idempotency_key = form["once"];
  return message;
}

// Where a refusal belongs: beside its field, or at the top.
FieldError error_of(const Failure& failure) {
  const std::string field(failed_field(failure));
  const std::string words =
      field.size() < failure.detail.size() ? failure.detail.substr(field.size() + 2) : failure.detail;
  std::string text = words;
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  text += '.';
  if (failure.code == "IDEMPOTENCY_KEY_REUSED") return {"", "This form was sent already. Begin a new message."};
  if (field == "context.reason") return {"reason", text};
  for (const char* name : plain_fields)
    if (field == name) return {field, text};
  return {"", text};
}

}  // namespace

void ManualMessagePages::routes(http::Router& router) {
  const auto page = [this](http::Response (ManualMessagePages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const http::Guard admin = pages::require_session(platform_, {Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/messages/new", page(&ManualMessagePages::show), admin);
  router.add(http::Method::POST, "/admin/messages/new", page(&ManualMessagePages::go_on), admin);
}

http::Response ManualMessagePages::show(const http::Request& request) {
  const std::string wanted = query_of(request, "template");
  const auto sheet = read_sheet(*pool_.take(), wanted);
  if (!sheet || !may_be_sent(sheet->summary)) return choose(request, wanted);
  const pages::Form form({{"client_id", query_of(request, "client")}, {"once", new_uuid(platform_.clock.now())}});
  return fill_in(request, sheet->summary.meta, form, {}, 200);
}

http::Response ManualMessagePages::choose(const http::Request& request, const std::string& wanted) {
  pages::Page page = frame(request, nullptr);
  if (!wanted.empty()) {
    page.errors.push_back(
        {"template", "This template can't be sent by hand: it is off, for our own staff, or not there."});
    page.status = 422;
  }
  Values values = object(), options = list();
  for (const TemplateSummary& one : list_templates(*pool_.take())) {
    if (!may_be_sent(one)) continue;
    Values option = object();
    option["key"] = one.meta.key;
    option["channel"] = channel_words(one.meta.channel);
    if (one.meta.key == (wanted.empty() ? "ADMIN_MANUAL" : wanted)) option["chosen"] = Values{true};
    options << option;
  }
  values["templates"] = std::move(options);
  values["client"] = shown(query_of(request, "client"));
  return pages::render(platform_, page, page_file("message_choose.mustache"), std::move(values));
}

http::Response ManualMessagePages::fill_in(const http::Request& request, const TemplateMeta& meta,
                                           const pages::Form& form, std::vector<FieldError> errors, int status) {
  pages::Page page = frame(request, &meta);
  page.action = pages::Action{"Another template", here, true};
  page.status = status;
  Values values = object(), fields = list();
  for (const VariableField& field : variable_fields(meta)) {
    const std::string id = field_of(field.name);
    Values one = object();
    one["id"] = id;
    one["name"] = field.name;
    one["value"] = shown(form[id]);
    one["sample"] = field.sample;
    if (field.required) one["required"] = Values{true};
    if (field.is_json) one["json"] = Values{true};
    if (field.is_json || field.name == "body") one["long"] = Values{true};
    for (const FieldError& error : errors)
      if (error.field == id) one["error"] = error.text;
    fields << one;
  }
  values["fields"] = std::move(fields);
  values["key"] = meta.key;
  for (const char* name : plain_fields) values[name] = shown(form[name]);
  if (meta.client_required) values["client_required"] = Values{true};
  if (meta.explicit_recipient) values["may_name_recipient"] = Values{true};
  values["recipient_word"] = meta.channel == events::Channel::SMS     ? "Phone number"
                             : meta.channel == events::Channel::EMAIL ? "E-mail address"
                                                                      : "URL of a Slack webhook";
  page.errors = std::move(errors);
  return pages::render(platform_, page, page_file("message_new.mustache"), std::move(values));
}

http::Response ManualMessagePages::go_on(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return unreadable(platform_, request, form.error());
  const auto sheet = read_sheet(*pool_.take(), (*form)["template"]);
  if (!sheet || !may_be_sent(sheet->summary)) return choose(request, (*form)["template"]);
  const TemplateMeta& meta = sheet->summary.meta;
  const std::string& step = (*form)["do"];
  if (step == "change") return fill_in(request, meta, *form, {}, 200);
  auto variables =
      variables_of(variable_fields(meta), [&](const std::string& name) { return (*form)[field_of(name)]; });
  if (!variables) {
    FieldError error = error_of(variables.error());
    error.field = field_of(std::string(failed_field(variables.error())));
    return fill_in(request, meta, *form, {std::move(error)}, 422);
  }
  const HandMadeMessage message = message_of(meta, *form, std::move(*variables));
  if (auto refusal = send_.find_refusal(message, editor_of(request)))
    return fill_in(request, meta, *form, {error_of(*refusal)}, 422);
  return step == "send" ? send(request, meta, *form, message) : look_at(request, meta, *form, message);
}

http::Response ManualMessagePages::look_at(const http::Request& request, const TemplateMeta& meta,
                                           const pages::Form& form, const HandMadeMessage& message) {
  pages::Page page = frame(request, &meta);
  page.title = "Send this message?";
  Values values = object();
  values["key"] = meta.key;
  values["channel"] = channel_words(meta.channel);
  if (!message.recipient.empty()) values["recipient"] = message.recipient;
  if (!message.client_id.empty()) values["client"] = message.client_id;
  values["fields"] = hidden_fields(meta, form);
  values["locale"] = message.locale;
  values["variables"] = message.variables->text;
  values["assets"] = pages::assets_path();
  values["preview_path"] = template_path(meta.key) + "/preview";
  return pages::render(platform_, page, page_file("message_confirm.mustache"), std::move(values));
}

http::Response ManualMessagePages::send(const http::Request& request, const TemplateMeta& meta, const pages::Form& form,
                                        const HandMadeMessage& message) {
  const auto accepted = send_.send(message, editor_of(request));
  if (!accepted) return fill_in(request, meta, form, {error_of(accepted.error())}, 422);
  pages::Page page = frame(request, &meta);
  page.title = "The message is on its way";
  Values values = object(), messages = list(), one = object();
  one["id"] = accepted->message_id;
  one["message_path"] = message_path(accepted->message_id);
  messages << one;
  values["messages"] = std::move(messages);
  values["again"] = here;
  return pages::render(platform_, page, page_file("message_sent.mustache"), std::move(values));
}

}  // namespace carillon::orchestrator
