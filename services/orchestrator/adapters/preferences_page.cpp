#include "orchestrator/adapters/preferences_page.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "orchestrator_pages_web.hpp"
#include "pages/access.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"

namespace carillon::orchestrator {
namespace {

using events::Channel;
using pages::Values;
using security::Role;

constexpr const char* path = "/settings/preferences";
constexpr const char* quiet_start_default = "22:00";
constexpr const char* quiet_end_default = "07:00";

struct KindWords {
  std::string_view category, title, about;
};
// Our categories in words for people; others are shown as they are called.
constexpr std::array<KindWords, 10> kinds{{
    {"reminders", "Reminders", "Something of yours is about to expire"},
    {"digests", "Digests", "Summaries of a month, and of what waits to be verified"},
    {"reports", "Reports", "Reports that come regularly"},
    {"tenant_alerts", "Alerts", "Data drift, budgets, imbalances, finished exports"},
    {"documents", "Documents", "Somebody has shared a document with you"},
    {"orders", "Orders", "How an order is getting on"},
    {"leads", "Enquiries", "New enquiries, and what follows from them"},
    {"support", "Support", "Answers to what you have asked"},
    {"onboarding", "Getting started", "Tips for the first weeks"},
    {"manual", "Personal messages", "What people of our team write to you"},
}};
constexpr std::array<std::pair<Channel, const char*>, 3> channels{
    {{Channel::EMAIL, "E-mail"}, {Channel::SMS, "SMS"}, {Channel::SLACK, "Slack"}}};

using Switch = std::pair<Channel, std::string>;  // of a category

struct Shown {
  std::set<Switch> on;
  bool quiet = false;
  std::string quiet_start = quiet_start_default, quiet_end = quiet_end_default;
  std::vector<Preference> preferences;  // all that stand
  std::vector<pages::FieldError> errors;
  std::optional<pages::Flash> flash;
};

// Every kind that clients can switch, with the channels it is sent by; those that have words first.
std::vector<std::pair<std::string, std::set<Channel>>> switches_of(const TemplateCatalog& catalog) {
  std::map<std::string, std::set<Channel>> found;
  for (const Template* entry : catalog.all()) {
    if (entry->meta.active && can_be_switched_off(entry->meta) && !entry->meta.category.empty())
      found[entry->meta.category].insert(entry->meta.channel);
  }
  std::vector<std::pair<std::string, std::set<Channel>>> ordered;
  for (const KindWords& kind : kinds) {
    if (auto one = found.extract(std::string(kind.category)); !one.empty())
      ordered.emplace_back(one.key(), std::move(one.mapped()));
  }
  ordered.insert(ordered.end(), found.begin(), found.end());
  return ordered;
}

KindWords words_for(const std::string& category) {
  for (const KindWords& kind : kinds) {
    if (kind.category == category) return kind;
  }
  return {category, category, ""};
}

const char* label_of(Channel channel) {
  for (const auto& [one, label] : channels) {
    if (one == channel) return label;
  }
  return "";
}

std::string field_of(Channel channel, const std::string& category) {
  return std::string(events::enum_name(channel)) + ":" + category;
}

Values object() {
  return Values{Values::type::object};
}
Values list() {
  return Values{Values::type::list};
}

Values cells_of(const std::string& category, const std::set<Channel>& sent_by, const Shown& shown, bool fixed) {
  Values cells = list();
  for (const auto& [channel, label] : channels) {
    Values cell = object();
    if (sent_by.count(channel) > 0) {
      Values one = object();
      one["name"] = field_of(channel, category);
      one["label"] = std::string(words_for(category).title) + " by " + label;
      if (shown.on.count({channel, category}) > 0) one["on"] = Values{true};
      if (fixed) one["fixed"] = Values{true};
      cell["switch"] = std::move(one);
    }
    cells << cell;
  }
  return cells;
}

Values values_of(const TemplateCatalog& catalog, const Shown& shown, const std::string& zone, bool fixed) {
  Values values = object();
  Values heads = list();
  for (const auto& [channel, label] : channels) {
    Values head = object();
    head["label"] = std::string(label);
    heads << head;
  }
  values["channels"] = std::move(heads);
  Values rows = list();
  for (const auto& [category, sent_by] : switches_of(catalog)) {
    Values row = object();
    row["title"] = std::string(words_for(category).title);
    row["about"] = std::string(words_for(category).about);
    row["cells"] = cells_of(category, sent_by, shown, fixed);
    rows << row;
  }
  values["kinds"] = std::move(rows);
  Values single = list();
  for (const Preference& one : shown.preferences) {
    if (catalog.find(one.scope) == nullptr) continue;
    Values row = object();
    row["template"] = one.scope;
    row["channel"] = std::string(label_of(one.channel));
    row["state"] = std::string(one.enabled ? "on" : "off");
    single << row;
    values["has_single"] = Values{true};
  }
  values["single"] = std::move(single);
  if (shown.quiet) values["quiet"] = Values{true};
  if (fixed) values["fixed"] = Values{true};
  values["quiet_start"] = shown.quiet_start;
  values["quiet_end"] = shown.quiet_end;
  values["time_zone"] = zone;
  return values;
}

Shown shown_from(const ClientWishes& wishes, const TemplateCatalog& catalog) {
  Shown shown;
  shown.preferences = wishes.preferences;
  for (const auto& [category, sent_by] : switches_of(catalog)) {
    for (const Channel channel : sent_by) {
      if (is_enabled(wishes.preferences, channel, "", category)) shown.on.emplace(channel, category);
    }
  }
  if (wishes.quiet_hours) {
    const std::string text = to_text(*wishes.quiet_hours);
    shown.quiet = true;
    shown.quiet_start = text.substr(0, text.find('-'));
    shown.quiet_end = text.substr(text.find('-') + 1);
  }
  return shown;
}

// What the form says of the kinds it showed; all else that stands, stands.
std::vector<Preference> preferences_in(const pages::Form& form, const TemplateCatalog& catalog,
                                       const std::vector<Preference>& standing) {
  std::vector<Preference> wanted = standing;
  for (const auto& [category, sent_by] : switches_of(catalog)) {
    for (const Channel channel : sent_by) {
      const std::string field = field_of(channel, category);
      if (!form.has("shown:" + field)) continue;
      std::erase_if(
          wanted, [&, name = category](const Preference& one) { return one.channel == channel && one.scope == name; });
      const bool on = form.has("on:" + field);
      if (on != is_enabled(standing, channel, "", every_scope)) wanted.push_back({channel, category, on});
    }
  }
  return wanted;
}

// Into `change`, or what is wrong with the fields.
std::vector<pages::FieldError> read_quiet_hours(const pages::Form& form, WishesChange& change) {
  change.sets_quiet_hours = true;
  if (!form.has("quiet")) return {};
  const std::string start = form.trimmed("quiet_start"), end = form.trimmed("quiet_end");
  std::vector<pages::FieldError> errors;
  // Each beside a time that is surely another one and well formed.
  const auto is_time = [](const std::string& text) {
    return static_cast<bool>(parse_quiet_hours(text + (text == "00:00" ? "-00:01" : "-00:00")));
  };
  if (!is_time(start)) errors.push_back({"quiet_start", "Give the time at which the quiet hours begin, such as 22:00"});
  if (!is_time(end)) errors.push_back({"quiet_end", "Give the time at which the quiet hours end, such as 07:00"});
  if (errors.empty() && start == end) errors.push_back({"quiet_end", "The quiet hours must not end when they begin"});
  if (errors.empty()) change.quiet_hours = *parse_quiet_hours(start + "-" + end);
  return errors;
}

std::string_view body_template() {
  for (const auto& file : orchestrator_pages::files) {
    if (file.path == "preferences.mustache") return file.bytes;
  }
  throw std::logic_error("services/orchestrator/web lacks preferences.mustache");
}

class PreferencesPage {
 public:
  PreferencesPage(service::Platform& platform, ClientPreferences& preferences, const Facts& facts)
      : platform_(platform), preferences_(preferences), facts_(facts) {}

  http::Response get(const http::Request& request) const {
    const auto catalog = facts_.templates.catalog();
    if (!catalog) return pages::not_possible_now(platform_);
    Shown shown = shown_from(preferences_.read({pages::visitor_of(request).client_id, {}}), *catalog);
    const auto saved = request.query.find("saved");
    if (saved != request.query.end() && saved->second == "1")
      shown.flash = pages::Flash{pages::Flash::Kind::DONE, "Your preferences are saved. They hold from now on."};
    return render(request, *catalog, shown);
  }

  http::Response post(const http::Request& request) const {
    const auto catalog = facts_.templates.catalog();
    if (!catalog) return pages::not_possible_now(platform_);
    const auto form = pages::read_form(request);
    if (!form)
      return pages::notice(platform_, {.title = "Preferences", .sentence = "", .status = 400}, form.error().detail);
    const WishesOf whose{pages::visitor_of(request).client_id, {}};
    const ClientWishes standing = preferences_.read(whose);
    WishesChange change;
    change.preferences = preferences_in(*form, *catalog, standing.preferences);
    auto errors = read_quiet_hours(*form, change);
    if (errors.empty()) {
      const auto changed = preferences_.change(whose, change, pages::actor_of(request), request.traceparent);
      if (changed) return pages::see_other(platform_, std::string(path) + "?saved=1");
      errors.push_back({"", changed.error().detail});
    }
    Shown shown = shown_from({*change.preferences, {}}, *catalog);
    shown.quiet = form->has("quiet");
    shown.quiet_start = form->trimmed("quiet_start");
    shown.quiet_end = form->trimmed("quiet_end");
    shown.errors = std::move(errors);
    return render(request, *catalog, shown);
  }

 private:
  http::Response render(const http::Request& request, const TemplateCatalog& catalog, const Shown& shown) const {
    const pages::Visitor visitor = pages::visitor_of(request);
    const auto client = facts_.clients.find(visitor.client_id);
    const std::string zone = client && is_time_zone(client->time_zone) ? client->time_zone : "UTC";
    pages::Page page;
    page.title = "Preferences";
    page.sentence = "Which messages you get, and when.";
    page.visitor = visitor;
    page.path = path;
    page.flash = shown.flash;
    page.errors = shown.errors;
    page.status = shown.errors.empty() ? 200 : 422;
    return pages::render(platform_, page, body_template(),
                         values_of(catalog, shown, zone, visitor.role != Role::OWNER));
  }

  service::Platform& platform_;
  ClientPreferences& preferences_;
  const Facts& facts_;
};

}  // namespace

void add_preferences_page(http::Router& router, service::Platform& platform, ClientPreferences& preferences,
                          const Facts& facts) {
  const PreferencesPage page(platform, preferences, facts);
  router.add(http::Method::GET, "/settings/preferences",
             pages::shown_as_page(platform, [page](const http::Request& request) { return page.get(request); }),
             pages::require_session(platform, {Role::OWNER, Role::STAFF}, pages::Refusal::PAGE));
  router.add(http::Method::POST, "/settings/preferences",
             pages::shown_as_page(platform, [page](const http::Request& request) { return page.post(request); }),
             pages::require_session(platform, {Role::OWNER}, pages::Refusal::PAGE));
}

}  // namespace carillon::orchestrator
