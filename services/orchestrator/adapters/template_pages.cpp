#include "orchestrator/adapters/template_pages.hpp"

#include <algorithm>
#include <set>

#include "http/url.hpp"
#include "orchestrator/adapters/template_json.hpp"
#include "orchestrator/adapters/template_parts.hpp"
#include "orchestrator/core/gate_words.hpp"
#include "orchestrator/core/line_diff.hpp"
#include "orchestrator/core/template_draft.hpp"
#include "orchestrator/core/variable_fields.hpp"
#include "pages/access.hpp"
#include "values/lower_case.hpp"

namespace carillon::orchestrator {
namespace {

using pages::Values;
using security::Role;

constexpr std::size_t filter_bytes_max = 100;

struct Filter {
  std::string channel, audience, text;
  bool fits(const TemplateMeta& meta) const {
    if (!channel.empty() && channel != events::enum_name(meta.channel)) return false;
    if (!audience.empty() && audience != events::enum_name(meta.audience)) return false;
    const std::string wanted = lower_case(text);
    return lower_case(meta.key + " " + meta.alias + " " + meta.category + " " + meta.flow).find(wanted) !=
           std::string::npos;
  }
  bool any() const { return !channel.empty() || !audience.empty() || !text.empty(); }
};

template <class E>
Values options(std::initializer_list<E> all, const std::string& chosen, std::string (*words)(E)) {
  Values list_of = list();
  for (const E one : all) {
    Values option = object();
    option["value"] = events::enum_name(one);
    option["label"] = words(one);
    if (chosen == events::enum_name(one)) option["chosen"] = Values{true};
    list_of << option;
  }
  return list_of;
}

void put_state(Values& values, bool active) {
  values["state"] = active ? "Active" : "Off";
  values["tone"] = active ? "good" : "warn";
}

Values summary_values(const TemplateSummary& one, UtcTime now) {
  Values values = object();
  values["key"] = one.meta.key;
  values["path"] = template_path(one.meta.key);
  values["flow"] = one.meta.flow;
  values["channel"] = channel_words(one.meta.channel);
  values["audience"] = audience_words(one.meta.audience);
  values["version"] = std::to_string(one.active_version);
  put_state(values, one.meta.active);
  values["when"] = moment(one.updated_at, now);
  values["who"] = who(one.updated_by, one.updated_email);
  return values;
}

Values version_values(const TemplateSheet& sheet, const VersionRow& row, UtcTime now) {
  Values values = object();
  const int active = sheet.summary.active_version;
  values["version"] = std::to_string(row.version);
  values["when"] = moment(row.created_at, now);
  values["who"] = who(row.created_by, row.created_email);
  values["origin"] = row.seeded ? "shipped with the program" : "written by hand";
  values["locales"] = row.locales;
  if (row.based_on != 0) values["based_on"] = std::to_string(row.based_on);
  if (row.version == active) {
    values["active"] = Values{true};
  } else {
    values["verb"] = row.version < active ? "Roll back to this" : "Activate this version";
  }
  values["other"] = std::to_string(active);
  values["path"] = template_path(sheet.summary.meta.key);
  return values;
}

Values locale_links(const std::vector<TemplateBody>& bodies, const std::string& chosen, const std::string& path) {
  Values links = list();
  for (const TemplateBody& body : bodies) {
    Values link = object();
    link["label"] = body.locale;
    link["path"] = path + "?locale=" + http::percent_encoded(body.locale);
    if (body.locale == chosen) link["here"] = Values{true};
    links << link;
  }
  return links;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

// What a redirect back to the template says has happened.
std::optional<pages::Flash> flash_of(const http::Request& request) {
  const std::string done = query_of(request, "done");
  const int version = number_of(query_of(request, "version"));
  const std::string named = version == 0 ? "The version" : "Version " + std::to_string(version);
  if (done == "saved")
    return pages::Flash{pages::Flash::Kind::DONE, named + " is stored. Nothing is sent with it until you activate it."};
  if (done == "activated") return pages::Flash{pages::Flash::Kind::DONE, named + " is active."};
  if (done == "on") return pages::Flash{pages::Flash::Kind::DONE, "The template is on again."};
  if (done == "off") return pages::Flash{pages::Flash::Kind::DONE, "The template is off: nothing is sent with it."};
  return std::nullopt;
}

Values part_diff(const char* part, const std::string& from, const std::string& to, bool& changed) {
  Values values = object();
  values["part"] = part;
  Values lines = list();
  bool any = false;
  for (const DiffLine& line : line_diff(from, to)) {
    Values one = object();
    one["text"] = line.text;
    if (line.kind == DiffLine::Kind::ADDED) one["added"] = Values{true};
    if (line.kind == DiffLine::Kind::REMOVED) one["removed"] = Values{true};
    any = any || line.kind != DiffLine::Kind::SAME;
    lines << one;
  }
  values["lines"] = std::move(lines);
  if (any) values["differs"] = Values{true};
  changed = changed || any;
  return values;
}

const TemplateBody* body_in(const std::vector<TemplateBody>& bodies, const std::string& locale) {
  const auto found =
      std::find_if(bodies.begin(), bodies.end(), [&](const TemplateBody& body) { return body.locale == locale; });
  return found == bodies.end() ? nullptr : &*found;
}

}  // namespace

void TemplatePages::routes(http::Router& router) {
  const auto page = [this](http::Response (TemplatePages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const http::Guard admin = pages::require_session(platform_, {Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/templates", page(&TemplatePages::list_all), admin);
  router.add(http::Method::GET, "/admin/templates/{key}", page(&TemplatePages::show), admin);
  router.add(http::Method::GET, "/admin/templates/{key}/preview", page(&TemplatePages::show_preview), admin);
  router.add(http::Method::GET, "/admin/templates/{key}/compare", page(&TemplatePages::compare), admin);
  router.add(http::Method::GET, "/admin/templates/{key}/confirm", page(&TemplatePages::confirm), admin);
  router.add(http::Method::POST, "/admin/templates/{key}/activate", page(&TemplatePages::activate), admin);
  router.add(http::Method::POST, "/admin/templates/{key}/active", page(&TemplatePages::switch_active), admin);
}

http::Response TemplatePages::list_all(const http::Request& request) {
  const Filter filter{query_of(request, "channel"), query_of(request, "audience"),
                      shown(query_of(request, "q").substr(0, filter_bytes_max))};
  pages::Page page =
      templates_frame(request, "Templates", "What the platform can send, in which words, and who has changed them.");
  page.action = pages::Action{"Write a message", "/admin/messages/new"};
  Values values = object(), rows = list();
  int shown = 0, all = 0;
  for (const TemplateSummary& one : list_templates(*pool_.take())) {
    ++all;
    if (!filter.fits(one.meta)) continue;
    rows << summary_values(one, platform_.clock.now());
    ++shown;
  }
  using events::Audience, events::Channel;
  values["channels"] = options({Channel::EMAIL, Channel::SMS, Channel::SLACK}, filter.channel, channel_words);
  values["audiences"] = options({Audience::CLIENT, Audience::ADMIN, Audience::OPS}, filter.audience, audience_words);
  values["q"] = filter.text;
  if (filter.any()) values["filtered"] = Values{true};
  values["count"] = std::to_string(shown) + (shown == all ? "" : " of " + std::to_string(all));
  if (shown > 0) values["any"] = Values{true};
  values["rows"] = std::move(rows);
  return pages::render(platform_, page, page_file("templates.mustache"), std::move(values));
}

http::Response TemplatePages::show(const http::Request& request) {
  auto connection = pool_.take();
  const auto sheet = read_sheet(*connection, request.params.at("key"));
  if (!sheet) return unknown_template(platform_, request);
  const TemplateSummary& summary = sheet->summary;
  const TemplateMeta& meta = summary.meta;
  const auto bodies = read_bodies(*connection, meta.key, summary.active_version);
  pages::Page page = templates_frame(request, meta.key,
                                     channel_words(meta.channel) + " for " + lower_case(audience_words(meta.audience)) +
                                         (meta.flow.empty() ? "" : ", sent by: " + meta.flow) + ".");
  page.action = pages::Action{"Edit the words", template_path(meta.key) + "/edit"};
  page.flash = flash_of(request);
  Values values = summary_values(summary, platform_.clock.now());
  values["gates"] = texts(gate_words(meta));
  values["required"] = joined(meta.required_variables);
  auto others = declared_variables(meta);
  others.erase(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(meta.required_variables.size()));
  if (!others.empty()) values["others"] = joined(others);
  if (!meta.alias.empty()) values["alias"] = meta.alias;
  values["switch"] = meta.active ? "off" : "on";
  values["switch_label"] = meta.active ? "Deactivate" : "Activate";
  std::string locale = query_of(request, "locale");
  if (!body_in(bodies, locale))
    locale = body_in(bodies, meta.default_locale) ? meta.default_locale : bodies.front().locale;
  const TemplateBody& words = *body_in(bodies, locale);
  values["locale"] = locale;
  values["locales"] = locale_links(bodies, locale, template_path(meta.key));
  values["preview"] = template_path(meta.key) + "/preview?locale=" + http::percent_encoded(locale) +
                      "&version=" + std::to_string(summary.active_version);
  if (!words.subject.empty()) values["subject"] = words.subject;
  values["text"] = words.text;
  if (!words.html.empty()) values["html"] = words.html;
  Values versions = list();
  for (const VersionRow& row : sheet->versions) versions << version_values(*sheet, row, platform_.clock.now());
  values["versions"] = std::move(versions);
  return pages::render(platform_, page, page_file("template.mustache"), std::move(values));
}

http::Response TemplatePages::show_preview(const http::Request& request) {
  const auto sheet = read_sheet(*pool_.take(), request.params.at("key"));
  if (!sheet) return preview_refusal("there is no such template.", 404);
  const auto preview =
      preview_(sheet->summary.meta.key,
               {number_of(query_of(request, "version")), {}, query_of(request, "locale"), std::nullopt});
  return preview ? preview_document(*preview, sheet->summary.meta) : preview_refusal(preview.error().detail, 404);
}

http::Response TemplatePages::compare(const http::Request& request) {
  auto connection = pool_.take();
  const auto sheet = read_sheet(*connection, request.params.at("key"));
  if (!sheet) return unknown_template(platform_, request);
  const std::string& key = sheet->summary.meta.key;
  const int from = number_of(query_of(request, "from")), to = number_of(query_of(request, "to"));
  if (!sheet->find(from) || !sheet->find(to))
    return nothing_changed(platform_, request, key, {"TEMPLATE_NOT_FOUND", "There is no such version"});
  const auto before = read_bodies(*connection, key, from), after = read_bodies(*connection, key, to);
  std::set<std::string> locales;
  for (const auto* bodies : {&before, &after})
    for (const TemplateBody& body : *bodies) locales.insert(body.locale);
  Values all = list();
  bool changed = false;
  const TemplateBody none;
  for (const std::string& locale : locales) {
    const TemplateBody &was = body_in(before, locale) ? *body_in(before, locale) : none,
                       &is = body_in(after, locale) ? *body_in(after, locale) : none;
    Values one = object(), parts = list();
    bool here = false;
    parts << part_diff("Subject", was.subject, is.subject, here) << part_diff("Text", was.text, is.text, here)
          << part_diff("HTML", was.html, is.html, here);
    one["locale"] = locale;
    one["parts"] = std::move(parts);
    if (here) all << one;
    changed = changed || here;
  }
  pages::Page page = templates_frame(
      request, key,
      "What version " + std::to_string(to) + " says otherwise than version " + std::to_string(from) + ".");
  page.action = pages::Action{"Back to the template", template_path(key), true};
  Values values = object();
  values["locales"] = std::move(all);
  if (!changed) values["same"] = Values{true};
  return pages::render(platform_, page, page_file("template_compare.mustache"), std::move(values));
}

http::Response TemplatePages::confirm(const http::Request& request) {
  const auto sheet = read_sheet(*pool_.take(), request.params.at("key"));
  if (!sheet) return unknown_template(platform_, request);
  const std::string what = query_of(request, "do"), key = sheet->summary.meta.key;
  const int version = number_of(query_of(request, "version")), active = sheet->summary.active_version;
  Values values = object();
  values["path"] = template_path(key);
  pages::Page page = templates_frame(request, key, "");
  if (what == "activate" && sheet->find(version)) {
    page.title = version < active ? "Roll back to version " + std::to_string(version) + "?"
                                  : "Activate version " + std::to_string(version) + "?";
    page.sentence = "Template " + key;
    values["activate"] = Values{true};
    values["version"] = std::to_string(version);
    values["replaces"] = std::to_string(active);
    if (version == active) values["already"] = Values{true};
    if (!sheet->summary.meta.active) values["is_off"] = Values{true};
    values["label"] = version < active ? "Roll back" : "Activate this version";
  } else if (what == "off" || what == "on") {
    page.title = what == "off" ? "Deactivate " + key + "?" : "Activate " + key + "?";
    values[what] = Values{true};
    values["version"] = std::to_string(active);
    if (sheet->summary.meta.audience != events::Audience::CLIENT) values["staff"] = Values{true};
    if (sheet->summary.meta.category == "security") values["security"] = Values{true};
    values["label"] = what == "off" ? "Deactivate" : "Activate";
  } else {
    return nothing_changed(platform_, request, key, {"TEMPLATE_NOT_FOUND", "There is no such version"});
  }
  return pages::render(platform_, page, page_file("template_confirm.mustache"), std::move(values));
}

http::Response TemplatePages::activate(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return unreadable(platform_, request, form.error());
  const std::string& key = request.params.at("key");
  const int replaces = number_of((*form)["replaces"]);
  const auto done = edit_.activate(key, number_of((*form)["version"]),
                                   replaces == 0 ? std::nullopt : std::optional(replaces), editor_of(request));
  if (!done) return nothing_changed(platform_, request, key, done.error());
  return pages::see_other(platform_,
                          template_path(done->key) + "?done=activated&version=" + std::to_string(done->version));
}

http::Response TemplatePages::switch_active(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) return unreadable(platform_, request, form.error());
  const std::string& key = request.params.at("key");
  const bool active = (*form)["active"] == "true";
  const auto done = edit_.switch_active(key, active, editor_of(request));
  if (!done) return nothing_changed(platform_, request, key, done.error());
  return pages::see_other(platform_, template_path(http::percent_encoded(key)) + "?done=" + (active ? "on" : "off"));
}

}  // namespace carillon::orchestrator
