#include "orchestrator/adapters/alert_pages.hpp"

#include <algorithm>

#include "orchestrator/core/send_request.hpp"
#include "orchestrator_pages_web.hpp"
#include "pages/access.hpp"
#include "pages/form.hpp"
#include "values/recipient.hpp"

namespace carillon::orchestrator {
namespace {

using events::Channel;
using pages::Flash;
using pages::Values;
using security::Role;

constexpr const char* path = "/settings/notifications";
constexpr int log_rows_shown = 10;

std::string_view file(std::string_view name) {
  for (const auto& one : orchestrator_pages::files) {
    if (one.path == name) return one.bytes;
  }
  throw std::logic_error("services/orchestrator/web lacks " + std::string(name));
}

Values object() {
  return Values{Values::type::object};
}

const char* name_of(Channel channel) {
  return channel == Channel::SLACK ? "Slack" : "E-mail";
}

const char* name_of(const std::string& channel) {
  return name_of(channel == "SLACK" ? Channel::SLACK : Channel::EMAIL);
}

std::string label_of(const std::string& type) {
  for (const AlertKind& kind : alert_kinds) {
    if (kind.name == type) return std::string(kind.label);
  }
  return type;
}

struct Words {
  const char *text, *tone;
};
Words words_of(const std::string& state) {
  if (state == "SENT") return {"Sent", "good"};
  if (state == "PENDING") return {"On its way", "plain"};
  if (state == "DRY_RUN") return {"Dry run", "warn"};
  return {state == "BLOCKED" ? "Not sent" : "Failed", "bad"};
}

// "2026-11-30 08:15 UTC"
std::string minute_of(UtcTime time) {
  std::string text = to_rfc3339(time);
  text[10] = ' ';
  return text.substr(0, 16) + " UTC";
}

Values toggles_of(const AlertToggles& toggles) {
  Values list{Values::type::list};
  for (std::size_t i = 0; i < alert_toggles_count; ++i) {
    const AlertKind& kind = alert_kinds[i];
    Values one = object();
    one["name"] = std::string(kind.name);
    one["label"] = std::string(kind.label);
    one["help"] = std::string(kind.help);
    if (toggles.is_on(kind.type)) one["on"] = Values{true};
    list << one;
  }
  return list;
}

Values rows_of(const std::vector<AlertLogEntry>& entries) {
  Values list{Values::type::list};
  for (const AlertLogEntry& entry : entries) {
    const Words words = words_of(entry.state);
    Values one = object();
    one["at"] = minute_of(entry.created_at);
    one["exact"] = to_rfc3339(entry.created_at);
    one["alert"] = label_of(entry.type);
    one["channel"] = name_of(entry.channel);
    one["result"] = words.text;
    one["tone"] = words.tone;
    if (!entry.error_message.empty()) one["error"] = entry.error_message;
    list << one;
  }
  return list;
}

// What keeps alerts from really going out; "" = nothing.
std::string dry_run_reason(const AlertSettings& settings, const EditAlerts& alerts) {
  if (settings.email.empty() && settings.slack_webhook.empty())
    return "There is neither an e-mail address nor a Slack webhook yet, so alerts are only written into the log below.";
  std::string missing;
  for (const Channel channel : settings.channels()) {
    if (alerts.state_of(settings, channel) == ChannelState::NOT_CONFIGURED)
      missing += (missing.empty() ? "" : " and ") + std::string(name_of(channel));
  }
  if (missing.empty()) return {};
  return missing +
         " can't be sent from this installation yet: its provider has no credentials. Alerts are only written "
         "into the log below; please ask whoever runs it.";
}

// Of the newest test, which this visitor has just asked for.
std::optional<Flash> test_result(const std::vector<AlertLogEntry>& entries) {
  const auto newest = std::find_if(entries.begin(), entries.end(), [](const auto& e) { return e.type == "test"; });
  if (newest == entries.end()) return std::nullopt;
  Flash flash{Flash::Kind::DONE, "Test:"};
  for (const Channel channel : alert_channels) {
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& e) {
      return e.type == newest->type && e.created_at == newest->created_at && e.channel == events::enum_name(channel);
    });
    if (entry == entries.end()) continue;
    if (!entry->sent && entry->state != "PENDING") flash.kind = Flash::Kind::WARNING;
    flash.text +=
        (flash.text.back() == ':' ? " " : ", ") + std::string(name_of(channel)) + " – " + words_of(entry->state).text;
  }
  flash.text += ". Details are in the log below.";
  return flash;
}

AlertChange change_in(const pages::Form& form) {
  AlertChange change;
  change.email = form.trimmed("email");
  const std::string webhook = form.trimmed("slack_webhook_url");
  if (!webhook.empty()) {
    change.slack_webhook = webhook;
  } else if (form.has("remove_slack")) {
    change.slack_webhook = "";
  }
  for (std::size_t i = 0; i < alert_toggles_count; ++i) change.toggles[i] = form.has(std::string(alert_kinds[i].name));
  return change;
}

pages::FieldError error_of(const Failure& failure) {
  const std::string field(failed_field(failure));
  if (field == "email") return {field, "Enter an address like ann@example.com, or nothing."};
  return {field,
          "Enter the URL of an incoming webhook, like https://hooks.slack.com/services/…; it is not shown again."};
}

}  // namespace

void AlertPages::routes(http::Router& router) {
  const auto shown = [this](http::Response (AlertPages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const auto guard = [this](std::initializer_list<Role> roles, const char* what) {
    return pages::require_session(
        platform_, roles, pages::Refusal::PAGE,
        [this, what](const http::Request& request, const pages::Visitor& visitor, std::string_view code) {
          alerts_.note_refused(visitor.account_id,
                               {"account:" + visitor.account_id, visitor.client_id, request.traceparent}, what, code);
        });
  };
  router.add(http::Method::GET, "/settings/notifications", shown(&AlertPages::show),
             guard({Role::OWNER, Role::STAFF}, "READ"));
  router.add(http::Method::POST, "/settings/notifications", shown(&AlertPages::save), guard({Role::OWNER}, "CHANGE"));
  router.add(http::Method::POST, "/settings/notifications/test", shown(&AlertPages::test),
             guard({Role::OWNER}, "TEST"));
}

http::Response AlertPages::show(const http::Request& request) {
  const AlertSettings settings = alerts_.find(pages::visitor_of(request).client_id);
  const auto done = request.query.find("done");
  pages::Page shown;
  if (done != request.query.end() && done->second == "saved")
    shown.flash = Flash{Flash::Kind::DONE, "Your alert settings are saved."};
  return page(request, settings, std::move(shown));
}

http::Response AlertPages::save(const http::Request& request) {
  const pages::Visitor visitor = pages::visitor_of(request);
  const auto form = pages::read_form(request);
  pages::Page again;
  if (!form) {
    again.status = form.error().code == "FORM_TOO_LARGE" ? 413 : 400;
    again.errors = {{"", "What was sent can't be read: " + form.error().detail + "."}};
    return page(request, alerts_.find(visitor.client_id), std::move(again));
  }
  AlertChange change = change_in(*form);
  if (const auto bad = check_addresses(change, slack_hosts_)) {
    again.status = 422;
    again.errors = {error_of(*bad)};
    AlertSettings typed = alerts_.find(visitor.client_id);
    change.slack_webhook.reset();  // a secret is not shown, not even to who typed it
    if (!is_valid_utf8(*change.email) || change.email->size() > email_chars_max) change.email.reset();
    apply(change, typed);
    return page(request, typed, std::move(again));
  }
  alerts_.save({pages::actor_of(request), visitor.client_id, request.traceparent}, change);
  return pages::see_other(platform_, std::string(path) + "?done=saved");
}

http::Response AlertPages::test(const http::Request& request) {
  const pages::Visitor visitor = pages::visitor_of(request);
  const auto sent = alerts_.send_test({pages::actor_of(request), visitor.client_id, request.traceparent});
  if (sent) return pages::see_other(platform_, std::string(path) + "?done=test");
  pages::Page again;
  again.status = 429;
  again.flash = Flash{Flash::Kind::REFUSED, "There were too many tests. Try again in a quarter of an hour."};
  return page(request, alerts_.find(visitor.client_id), std::move(again));
}

http::Response AlertPages::page(const http::Request& request, const AlertSettings& settings, pages::Page page) {
  const pages::Visitor visitor = pages::visitor_of(request);
  const auto entries = alerts_.log(visitor.client_id, {.after = std::nullopt, .limit = log_rows_shown}).items;
  const auto done = request.query.find("done");
  if (!page.flash && page.errors.empty() && done != request.query.end() && done->second == "test")
    page.flash = test_result(entries);
  page.title = "Notifications";
  page.sentence = "Which alerts your organisation gets, and where they go.";
  page.visitor = visitor;
  page.path = path;
  Values values = object();
  if (visitor.role == Role::OWNER) values["owner"] = Values{true};
  if (const std::string reason = dry_run_reason(settings, alerts_); !reason.empty()) values["dry_run"] = reason;
  values["email"] = settings.email;
  if (!settings.slack_webhook.empty()) values["slack_masked"] = masked(settings.slack_webhook);
  values["toggles"] = toggles_of(settings.toggles);
  if (!settings.updated_at) values["never_saved"] = Values{true};
  if (!entries.empty()) {
    Values log = object();
    log["rows"] = rows_of(entries);
    values["log"] = std::move(log);
  }
  return pages::render(platform_, page, file("alerts.mustache"), std::move(values));
}

}  // namespace carillon::orchestrator
