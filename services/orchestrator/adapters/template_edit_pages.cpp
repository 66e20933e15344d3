#include "orchestrator/adapters/template_edit_pages.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "events/json.hpp"
#include "http/url.hpp"
#include "orchestrator/adapters/template_json.hpp"
#include "orchestrator/adapters/template_parts.hpp"
#include "orchestrator/core/gate_words.hpp"
#include "orchestrator/core/send_request.hpp"
#include "orchestrator/core/template_draft.hpp"
#include "orchestrator/core/variable_fields.hpp"
#include "pages/access.hpp"
#include "pages/assets.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using pages::FieldError;
using pages::Values;
using security::Role;

std::set<std::string> locales_of(const std::vector<TemplateBody>& bodies) {
  std::set<std::string> locales;
  for (const TemplateBody& body : bodies) locales.insert(body.locale);
  return locales;
}

// The samples where nothing was written; nullopt: it is no JSON object.
std::optional<events::JsonObject> variables_in(const std::string& text, const TemplateMeta& meta) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return events::JsonObject{meta.sample_variables};
  auto object = events::parse_object(text);
  if (!object) return std::nullopt;
  return std::move(*object);
}

std::string sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

}  // namespace

// What the editor shows: the words of one locale, and what they will be a new version of.
struct TemplateEditPages::Words {
  TemplateBody body;
  int base = 0;                   // whose other locales go along
  std::set<std::string> locales;  // of the base
  int based_on = 0;               // the newest version when the editor was opened
  std::string variables;
};

// A template and the words of one of its versions. Read with one connection that is free again afterwards: whoever
// holds one while taking another waits for ever once all of the pool do.
struct TemplateEditPages::Source {
  std::optional<TemplateSheet> sheet;  // nullopt: there is no such template
  std::vector<TemplateBody> bodies;    // of `base`
  int base = 0;                        // the version asked for; the newest where there is no such one
};

TemplateEditPages::Source TemplateEditPages::read(const std::string& key, int version) {
  Source source;
  auto connection = pool_.take();
  source.sheet = read_sheet(*connection, key);
  if (!source.sheet) return source;
  source.base = source.sheet->find(version) ? version : source.sheet->newest();
  source.bodies = read_bodies(*connection, source.sheet->summary.meta.key, source.base);
  // Older versions may have words of a locale that no message ever gets: they don't go along any more.
  std::erase_if(source.bodies, [](const TemplateBody& body) { return !is_template_locale(body.locale); });
  return source;
}

void TemplateEditPages::routes(http::Router& router) {
  const auto page = [this](http::Response (TemplateEditPages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const http::Guard admin = pages::require_session(platform_, {Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/templates/{key}/edit", page(&TemplateEditPages::show), admin);
  router.add(http::Method::POST, "/admin/templates/{key}/edit", page(&TemplateEditPages::save), admin);
  router.add(http::Method::POST, "/admin/templates/{key}/preview", page(&TemplateEditPages::preview), admin);
  router.add(http::Method::GET, "/admin/templates/{key}/test-send", page(&TemplateEditPages::show_test), admin);
  router.add(http::Method::POST, "/admin/templates/{key}/test-send", page(&TemplateEditPages::send_test), admin);
}

http::Response TemplateEditPages::show(const http::Request& request) {
  const auto [sheet, bodies, base] = read(request.params.at("key"), number_of(query_of(request, "from")));
  if (!sheet) return unknown_template(platform_, request);
  const TemplateMeta& meta = sheet->summary.meta;
  Words words;
  words.base = base;
  words.locales = locales_of(bodies);
  words.based_on = sheet->newest();
  words.variables = indented(events::JsonObject{meta.sample_variables});
  const std::string locale = query_of(request, "locale").empty() ? meta.default_locale : query_of(request, "locale");
  const auto named = [&all = bodies](const std::string& wanted) {
    return std::find_if(all.begin(), all.end(), [&](const TemplateBody& body) { return body.locale == wanted; });
  };
  auto source = named(locale);
  const bool is_new = source == bodies.end();
  if (is_new) source = named(meta.default_locale);  // a new language begins with the words of the default one
  if (source == bodies.end()) source = bodies.begin();
  words.body = *source;
  if (is_new && is_template_locale(locale)) words.body.locale = locale;
  std::vector<FieldError> errors;
  if (is_new && !is_template_locale(locale))
    errors.push_back({"new_locale", "Enter a language tag such as en or de-AT."});
  return editor(request, *sheet, words, std::move(errors), errors.empty() ? 200 : 422);
}

http::Response TemplateEditPages::editor(const http::Request& request, const TemplateSheet& sheet, const Words& words,
                                         std::vector<FieldError> errors, int status) {
  const TemplateMeta& meta = sheet.summary.meta;
  pages::Page page = templates_frame(request, "Edit " + meta.key,
                                     "What you store is a new version. Nothing is sent with it until you activate it.");
  page.action = pages::Action{"Back to the template", template_path(meta.key), true};
  page.errors = std::move(errors);
  page.status = status;
  Values values = object();
  values["path"] = template_path(meta.key);
  values["assets"] = pages::assets_path();
  values["locale"] = words.body.locale;
  values["base"] = std::to_string(words.base);
  values["based_on"] = std::to_string(words.based_on);
  const auto number = std::to_string(words.base);
  std::set<std::string> locales = words.locales;
  locales.insert(words.body.locale);
  Values links = list();
  for (const std::string& locale : locales) {
    Values link = object();
    link["label"] = locale;
    link["path"] = template_path(meta.key) + "/edit?locale=" + http::percent_encoded(locale) + "&from=" + number;
    if (locale == words.body.locale) link["here"] = Values{true};
    links << link;
  }
  values["locales"] = std::move(links);
  if (meta.channel != events::Channel::SMS) values["has_subject"] = Values{true};
  if (meta.channel == events::Channel::EMAIL) values["has_html"] = Values{true};
  if (meta.channel == events::Channel::SMS) values["is_sms"] = Values{true};
  values["subject"] = shown(words.body.subject);
  values["text"] = shown(words.body.text);
  values["html"] = shown(words.body.html);
  values["variables"] = shown(words.variables);
  std::string names;
  for (const std::string& name : declared_variables(meta)) names += (names.empty() ? "" : ", ") + name;
  values["names"] = names;
  if (meta.unsubscribable) values["unsubscribable"] = Values{true};
  return pages::render(platform_, page, page_file("template_edit.mustache"), std::move(values));
}

http::Response TemplateEditPages::save(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return unreadable(platform_, request, form.error());
  Words words;
  words.body = {(*form)["locale"], form->trimmed("subject"), with_plain_line_breaks((*form)["text"]),
                with_plain_line_breaks((*form)["html"])};
  words.base = number_of((*form)["base"]);
  words.based_on = number_of((*form)["based_on"]);
  words.variables = (*form)["variables"];
  auto [sheet, bodies, base] = read(request.params.at("key"), words.base);
  if (!sheet) return unknown_template(platform_, request);
  const std::string key = sheet->summary.meta.key;
  if (base != words.base || !sheet->find(words.based_on) || !is_template_locale(words.body.locale))
    return unreadable(platform_, request, {"MALFORMED_FORM", "it does not say what it is a version of"});
  words.locales = locales_of(bodies);
  std::erase_if(bodies, [&](const TemplateBody& body) { return body.locale == words.body.locale; });
  bodies.push_back(words.body);
  const auto added = edit_.add_version(key, {words.based_on, words.base, std::move(bodies)}, editor_of(request));
  if (!added && added.error().code == "TEMPLATE_CHANGED") return show_theirs(request, key, std::move(words));
  if (!added) return nothing_changed(platform_, request, key, added.error());
  std::vector<FieldError> errors;
  for (const DraftProblem& problem : added->problems) {
    const bool own = problem.locale == words.body.locale && problem.part != "locale";
    errors.push_back(
        {own ? problem.part : "", (own ? "" : problem.locale + ", " + problem.part + ": ") + sentence(problem.detail)});
  }
  if (!errors.empty()) return editor(request, *sheet, words, std::move(errors), 422);
  return pages::see_other(platform_, template_path(key) + "?done=saved&version=" + std::to_string(added->version));
}

// Somebody was faster: what was written goes over their version, should it be stored once more.
http::Response TemplateEditPages::show_theirs(const http::Request& request, const std::string& key, Words words) {
  const Source theirs = read(key, 0);
  if (!theirs.sheet) return unknown_template(platform_, request);
  words.base = words.based_on = theirs.base;
  words.locales = locales_of(theirs.bodies);
  const std::string told = "Somebody else has stored version " + std::to_string(theirs.base) +
                           " meanwhile, so nothing was stored. What you wrote is still here: compare it with theirs, "
                           "then store it once more.";
  return editor(request, *theirs.sheet, words, {{"", told}}, 409);
}

// The document for the frame beside the form. Its own route, so that the frame can be refreshed without the page.
http::Response TemplateEditPages::preview(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return preview_refusal(form.error().detail + ".", 400);
  const auto sheet = read_sheet(*pool_.take(), request.params.at("key"));
  if (!sheet) return preview_refusal("there is no such template.", 404);
  const TemplateMeta& meta = sheet->summary.meta;
  const auto variables = variables_in((*form)["variables"], meta);
  if (!variables) return preview_refusal("the variables are no JSON object.", 422);
  PreviewOrder order{0, {}, (*form)["locale"], *variables};
  if (form->has("text")) {
    order.bodies.push_back({(*form)["locale"], form->trimmed("subject"), with_plain_line_breaks((*form)["text"]),
                            with_plain_line_breaks((*form)["html"])});
    const auto problems = find_draft_problems(meta, order.bodies);
    for (const DraftProblem& problem : problems)
      if (problem.part != "locale") return preview_refusal(problem.part + ": " + problem.detail + ".", 422);
  }
  const auto seen = preview_(meta.key, order);
  return seen ? preview_document(*seen, meta) : preview_refusal(seen.error().detail + ".", 422);
}

http::Response TemplateEditPages::show_test(const http::Request& request) {
  const auto sheet = read_sheet(*pool_.take(), request.params.at("key"));
  if (!sheet) return unknown_template(platform_, request);
  const TemplateMeta& meta = sheet->summary.meta;
  const int version = number_of(query_of(request, "version"));
  const pages::Form form({{"version", std::to_string(version == 0 ? sheet->newest() : version)},
                          {"locale", query_of(request, "locale")},
                          {"variables", indented(events::JsonObject{meta.sample_variables})},
                          {"once", new_uuid(platform_.clock.now())}});
  return test_form(request, *sheet, form, {}, 200);
}

http::Response TemplateEditPages::test_form(const http::Request& request, const TemplateSheet& sheet,
                                            const pages::Form& form, std::vector<FieldError> errors, int status) {
  const TemplateMeta& meta = sheet.summary.meta;
  pages::Page page = templates_frame(request, "Send a test of " + meta.key,
                                     "A real message, marked as a test. No rule about clients holds it back, and a "
                                     "version that is not active can be sent too.");
  page.action = pages::Action{"Back to the template", template_path(meta.key), true};
  page.errors = std::move(errors);
  page.status = status;
  Values values = object(), versions = list();
  values["path"] = template_path(meta.key);
  for (const VersionRow& row : sheet.versions) {
    Values one = object();
    one["version"] = std::to_string(row.version);
    if (row.version == sheet.summary.active_version) one["active"] = Values{true};
    if (std::to_string(row.version) == form["version"]) one["chosen"] = Values{true};
    versions << one;
  }
  values["versions"] = std::move(versions);
  for (const char* name : {"recipient", "locale", "variables", "once"})
    if (!form[name].empty()) values[name] = shown(form[name]);
  if (meta.audience != events::Audience::CLIENT) values["staff"] = Values{true};
  values["recipient_word"] = meta.channel == events::Channel::SMS     ? "Phone number, such as +441632960000"
                             : meta.channel == events::Channel::EMAIL ? "E-mail address"
                                                                      : "URL of a Slack webhook";
  return pages::render(platform_, page, page_file("template_test.mustache"), std::move(values));
}

http::Response TemplateEditPages::send_test(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return unreadable(platform_, request, form.error());
  const auto sheet = read_sheet(*pool_.take(), request.params.at("key"));
  if (!sheet) return unknown_template(platform_, request);
  const TemplateMeta& meta = sheet->summary.meta;
  const auto again = [&](std::string field, std::string text, int status) {
    return test_form(request, *sheet, *form, {{std::move(field), std::move(text)}}, status);
  };
  const auto variables = variables_in((*form)["variables"], meta);
  if (!variables) return again("variables", "These are no JSON object.", 422);
  HandMadeMessage message;
  message.template_key = meta.key;
  message.recipient = form->trimmed("recipient");
  message.locale = form->trimmed("locale");
  message.variables = *variables;
  message.version = number_of((*form)["version"]);
  message.idempotency_key = (*form)["once"];
  const auto accepted = send_.test(message, editor_of(request));
  if (!accepted) {
    const std::string &code = accepted.error().code, &detail = accepted.error().detail;
    if (code == "IDEMPOTENCY_KEY_REUSED") return again("", "This form was sent already. Open it anew.", 422);
    const std::string field(failed_field(accepted.error()));
    const bool known = field == "recipient" || field == "variables" || field == "version" || field == "locale";
    return again(known ? field : "", sentence(known ? detail.substr(field.size() + 2) : detail), 422);
  }
  pages::Page page = templates_frame(request, "The test is on its way", "");
  page.action = pages::Action{"Back to the template", template_path(meta.key), true};
  Values values = object(), messages = list();
  for (std::int32_t n = 0; n < accepted->message_count; ++n) {
    Values one = object();
    one["id"] = sibling_uuid(accepted->message_id, static_cast<std::uint32_t>(n));
    one["message_path"] = message_path(one["id"].string_value());
    messages << one;
  }
  values["messages"] = std::move(messages);
  values["again"] = template_path(meta.key) + "/test-send?version=" + (*form)["version"];
  return pages::render(platform_, page, page_file("message_sent.mustache"), std::move(values));
}

}  // namespace carillon::orchestrator
