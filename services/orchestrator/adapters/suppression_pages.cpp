#include "orchestrator/adapters/suppression_pages.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "http/url.hpp"
#include "orchestrator/adapters/page_values.hpp"
#include "pages/access.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"
#include "pages/times.hpp"
#include "values/message_id.hpp"

namespace carillon::orchestrator {
namespace {

using pages::Page;
using pages::Values;
using Query = std::map<std::string, std::string>;

constexpr const char* path = "/admin/suppressions";
constexpr std::size_t shown_hash_chars = 12;

std::string link(const Query& query) {
  http::Fields fields(query.begin(), query.end());
  return fields.empty() ? path : fmt::format("{}?{}", path, http::form_encoded(fields));
}

Values channels(const std::string& chosen, bool with_any) {
  Values list{Values::type::list};
  const auto add = [&](const char* value, const char* label) {
    Values one = object();
    one["value"] = value;
    one["label"] = label;
    if (chosen == value) one["chosen"] = Values{true};
    list << one;
  };
  if (with_any) add("", "Any");
  add("EMAIL", "E-mail");
  add("SMS", "SMS");
  add("SLACK", "Slack");
  return list;
}

std::string words_of(const Suppression& entry) {
  if (entry.category.empty()) return "everything";
  return entry.category == every_category ? "everything that can be unsubscribed" : entry.category;
}

Values entry_values(const Suppression& entry, UtcTime now) {
  Values values = object();
  values["channel"] = entry.channel;
  values["hash"] = entry.recipient_hash;
  values["short_hash"] = entry.recipient_hash.substr(0, shown_hash_chars);
  values["what"] = words_of(entry);
  if (!entry.category.empty()) values["category"] = entry.category;
  values["reason"] = entry.reason;
  values["source"] = entry.source;
  values["since"] = pages::time_tag(entry.created_at, now);
  if (is_uuid(entry.message_id)) values["message"] = entry.message_id;
  return values;
}

class SuppressionPages {
 public:
  SuppressionPages(service::Platform& platform, Suppressions& suppressions)
      : platform_(platform), suppressions_(suppressions) {}

  http::Response list(const http::Request& request) const {
    Page page = frame(request);
    if (const auto done = request.query.find("done"); done != request.query.end())
      page.flash = {pages::Flash::Kind::DONE,
                    done->second == "added" ? "Nothing more is sent to this recipient." : "The entry is off the list."};
    return listed(page, request.query, {});
  }

  // To the list's own address, with a reference instead of an address.
  http::Response search(const http::Request& request) const {
    const auto form = pages::read_form(request);
    if (!form) return unreadable(request, form.error());
    Query query;
    for (const char* name : {"channel", "reason"}) {
      if (std::string text = form->trimmed(name); !text.empty()) query[name] = std::move(text);
    }
    const std::string recipient = form->trimmed("recipient");
    if (recipient.empty()) return pages::see_other(platform_, link(query));
    const auto hashes = hashes_of(recipient, platform_.sealer);
    if (!hashes) return invalid(request, {"recipient", "Enter a whole address or number, such as ann@example.com."});
    SuppressionFilter filter;
    filter.hashes = *hashes;
    const SuppressionPage found = suppressions_.list(filter);  // it may be there under an older key
    query["recipient"] = found.items.empty() ? hashes->front() : found.items.front().recipient_hash;
    return pages::see_other(platform_, link(query));
  }

  http::Response add(const http::Request& request) const {
    const auto form = pages::read_form(request);
    if (!form) return unreadable(request, form.error());
    const auto order =
        read_suppression_order(fmt::format(R"({{"channel":{},"recipient":{}}})", http::json_string((*form)["channel"]),
                                           http::json_string(form->trimmed("recipient"))));
    if (!order) {
      const bool of_channel = order.error().detail.starts_with("channel");
      return invalid(request, {of_channel ? "add-channel" : "add-recipient",
                               of_channel ? "Choose a channel."
                                          : "Enter what this channel is sent to: an address like "
                                            "ann@example.com, or a number like +441632960000."});
    }
    suppressions_.add(*order, pages::actor_of(request), request.traceparent);
    const std::string& message = (*form)["message_id"];
    return pages::see_other(platform_, is_uuid(message) ? fmt::format("/admin/messages/{}?done=suppressed", message)
                                                        : fmt::format("{}?done=added", path));
  }

  http::Response lift(const http::Request& request) const {
    const auto form = pages::read_form(request);
    if (!form) return unreadable(request, form.error());
    Query category;
    if (form->has("category")) category["category"] = (*form)["category"];
    const auto what = read_suppression_lift((*form)["channel"], (*form)["recipient"], category, platform_.sealer);
    if (!what) return unreadable(request, what.error());
    suppressions_.lift(*what, pages::actor_of(request), request.traceparent);
    return pages::see_other(platform_, fmt::format("{}?done=lifted", path));
  }

 private:
  static Page frame(const http::Request& request) {
    Page page;
    page.title = "Suppressions";
    page.sentence = "Whom nothing is sent to any more, and why.";
    page.visitor = pages::visitor_of(request);
    page.path = path;
    page.wide = true;
    return page;
  }

  http::Response unreadable(const http::Request& request, const Failure& failure) const {
    Page page = frame(request);
    page.status = 400;
    return pages::notice(platform_, page, fmt::format("What was sent can't be used: {}.", failure.detail),
                         pages::Action{"Back to the list", path});
  }

  http::Response invalid(const http::Request& request, pages::FieldError error) const {
    Page page = frame(request);
    page.status = 422;
    return listed(page, {}, std::move(error));
  }

  http::Response listed(Page page, Query query, std::optional<pages::FieldError> error) const {
    query.erase("done");
    std::erase_if(query, [](const auto& field) { return field.second.empty(); });
    if (error) page.errors.push_back(std::move(*error));
    auto filter = read_suppression_filter(query, platform_.sealer);
    if (!filter) {
      page.status = 400;
      page.errors.push_back({"", filter.error().detail});
      query.clear();
      filter = SuppressionFilter{};
    }
    const SuppressionPage found = suppressions_.list(*filter);
    Values values = object();
    Values entries{Values::type::list};
    for (const Suppression& entry : found.items) entries << entry_values(entry, platform_.clock.now());
    values["entries"] = std::move(entries);
    values[found.items.empty() ? "none" : "some"] = Values{true};
    values["channels"] = channels(query["channel"], true);
    values["add_channels"] = channels("EMAIL", false);
    std::erase_if(query, [](const auto& field) { return field.second.empty(); });
    for (const auto& [name, text] : query) values[name] = text;
    if (!query.empty()) values["any"] = Values{true};
    if (found.next) {
      query["cursor"] = suppression_cursor(*found.next);
      values["older"] = link(query);
    }
    return pages::render(platform_, page, page_file("suppressions.mustache"), std::move(values));
  }

  service::Platform& platform_;
  Suppressions& suppressions_;
};

}  // namespace

void add_suppression_pages(http::Router& router, service::Platform& platform, Suppressions& suppressions) {
  const auto all = std::make_shared<const SuppressionPages>(platform, suppressions);
  const auto shown = [&](http::Response (SuppressionPages::*handler)(const http::Request&) const) {
    return pages::shown_as_page(platform, [all, handler](const http::Request& r) { return ((*all).*handler)(r); });
  };
  const http::Guard admin = pages::require_session(platform, {security::Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/suppressions", shown(&SuppressionPages::list), admin);
  router.add(http::Method::POST, "/admin/suppressions", shown(&SuppressionPages::add), admin);
  router.add(http::Method::POST, "/admin/suppressions/search", shown(&SuppressionPages::search), admin);
  router.add(http::Method::POST, "/admin/suppressions/lift", shown(&SuppressionPages::lift), admin);
}

}  // namespace carillon::orchestrator
