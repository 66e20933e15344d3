#include "health-aggregator/adapters/message_pages.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "health-aggregator/adapters/filter_form.hpp"
#include "health-aggregator/adapters/message_detail.hpp"
#include "health-aggregator/adapters/page_values.hpp"
#include "health-aggregator/app/find_messages.hpp"
#include "health-aggregator/app/record_view.hpp"
#include "pages/access.hpp"
#include "pages/form.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::health {

using events::Status;
using pages::Page;
using pages::Values;

namespace {

constexpr const char* path = "/admin/messages";
constexpr const char* references_field = "recipient_hash";
constexpr std::array filter_names{"status", "channel", "template_key", "client_id", "provider", "from", "to"};

std::vector<std::pair<std::string, std::string>> statuses() {
  std::vector<std::pair<std::string, std::string>> choices{{"", "Any"}};
  for (int number = 1; number <= static_cast<int>(Status::UNDELIVERED); ++number) {
    const auto status = static_cast<Status>(number);
    choices.emplace_back(events::enum_name(status), status_words(status));
  }
  return choices;
}

// One for each key in rotation, joined by commas. Empty: that is not what the text is.
std::vector<std::string> read_references(std::string_view text) {
  std::vector<std::string> references;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    if (!is_reference(part) || references.size() == references_max) return {};
    references.emplace_back(part);
    begin = end + 1;
  }
  return references;
}

// What the address bar says; empty values, as a form sends them, are none.
QueryFields given(const http::Request& request) {
  QueryFields query = request.query;
  std::erase_if(query, [](const auto& field) { return field.second.empty(); });
  return query;
}

Result<MessageFilter> read_filter(QueryFields query) {
  std::vector<std::string> references;
  if (const auto found = query.find(references_field); found != query.end()) {
    references = read_references(found->second);
    if (references.empty()) return Failure{"INVALID_FIELD", "recipient_hash: is no list of references"};
    query.erase(found);
  }
  if (query.contains("recipient")) return Failure{"INVALID_FIELD", "recipient: goes through the form, not the address"};
  auto filter = read_message_filter(query);
  if (filter) filter->recipient_hashes = std::move(references);
  return filter;
}

Page messages_page(const http::Request& request) {
  Page page;
  page.title = "Messages";
  page.sentence = "Every message that was asked for, newest first.";
  page.visitor = pages::visitor_of(request);
  page.path = path;
  page.wide = true;
  return page;
}

Values form_values(const QueryFields& query) {
  Values values = shown_filters(query);
  const auto chosen = [&](const char* name) {
    const auto found = query.find(name);
    return found == query.end() ? std::string() : found->second;
  };
  values["statuses"] = options(statuses(), chosen("status"));
  values["channels"] =
      options({{"", "Any"}, {"EMAIL", "E-mail"}, {"SMS", "SMS"}, {"SLACK", "Slack"}}, chosen("channel"));
  return values;
}

}  // namespace

void MessagePages::routes(http::Router& router) {
  const auto shown = [this](http::Response (MessagePages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const http::Guard admin = pages::require_session(platform_, {security::Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/admin/messages", shown(&MessagePages::list), admin);
  router.add(http::Method::POST, "/admin/messages/search", shown(&MessagePages::search), admin);
  router.add(http::Method::GET, "/admin/messages/{id}", shown(&MessagePages::detail), admin);
  router.add(http::Method::POST, "/admin/messages/{id}/reveal", shown(&MessagePages::reveal), admin);
}

http::Response MessagePages::list(const http::Request& request) {
  const QueryFields query = given(request);
  Page page = messages_page(request);
  Values values = form_values(query);
  const auto refused = [&](const Failure& failure) {
    page.status = 400;
    page.errors = {field_error(failure)};
    return pages::render(platform_, page, page_file("messages.mustache"), values);
  };
  const auto filter = read_filter(query);
  if (!filter) return refused(filter.error());
  auto found = find_messages(*pool_.take(), *filter, platform_.sealer);
  if (!found) return refused(found.error());
  values["rows"] = message_rows(found->messages, true, platform_.clock.now());
  values[!found->messages.empty() ? "some" : found->next_cursor ? "none_yet" : "none"] = Values{true};
  if (found->next_cursor) values["older"] = page_link(path, query, *found->next_cursor);
  if (query.contains("cursor")) values["newest"] = page_link(path, query, "");
  return pages::render(platform_, page, page_file("messages.mustache"), values);
}

// To the list's own address, which holds no personal data; a whole id leads to its message.
http::Response MessagePages::search(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) {
    Page page = messages_page(request);
    page.status = 400;
    return pages::notice(platform_, page, form.error().detail, pages::Action{"Back to the messages", path});
  }
  const std::string id = form->trimmed("id"), recipient = form->trimmed("recipient");
  if (is_uuid(id)) return pages::see_other(platform_, fmt::format("{}/{}", path, id));
  QueryFields query;
  for (const char* name : filter_names) {
    if (std::string text = form->trimmed(name); !text.empty()) query[name] = std::move(text);
  }
  for (const char* name : {"from", "to"}) {
    if (query.contains(name)) query[name] = utc_from_form(query[name]);
  }
  // References that are already there stay until another recipient is asked for.
  if (!recipient.empty() && recipient.size() <= filter_chars_max && is_valid_utf8(recipient))
    query[references_field] = fmt::format("{}", fmt::join(references_of(recipient, platform_.sealer), ","));
  else if (!read_references((*form)[references_field]).empty())
    query[references_field] = (*form)[references_field];
  if (!id.empty()) {
    Page page = messages_page(request);
    page.status = 422;
    page.errors = {{"id", "An id looks like 01920a5e-7c4b-7d52-8a36-0f8f5c1f0e77."}};
    Values values = form_values(query);
    values["id"] = is_valid_utf8(id) ? id : std::string();
    return pages::render(platform_, page, page_file("messages.mustache"), values);
  }
  return pages::see_other(platform_, link_to(path, {query.begin(), query.end()}));
}

http::Response MessagePages::detail(const http::Request& request) {
  const std::string& id = request.params.at("id");
  if (!is_uuid(id)) return not_found(request);
  const auto message = find_message(*pool_.take(), id);
  return message ? show(request, *message, false) : not_found(request);
}

http::Response MessagePages::reveal(const http::Request& request) {
  const std::string& id = request.params.at("id");
  if (!is_uuid(id)) return not_found(request);
  const auto message = find_message(*pool_.take(), id);
  if (!message) return not_found(request);
  record_view(pool_, bus_, {pages::actor_of(request), id, message->facts.client_id, request.traceparent},
              platform_.clock.now());
  return show(request, *message, true);
}

http::Response MessagePages::not_found(const http::Request& request) {
  Page page = messages_page(request);
  page.title = "No such message";
  page.sentence = "";
  page.status = 404;
  return pages::notice(
      platform_, page,
      "Nothing has been logged of a message of that id. One that was accepted just now shows up within "
      "a second or two; one that is older than the log's retention is gone.",
      pages::Action{"Look for another", path});
}

http::Response MessagePages::show(const http::Request& request, const MessageView& message, bool in_clear) {
  Page page = messages_page(request);
  page.title = message.facts.template_key.empty() ? "Message" : message.facts.template_key;
  page.sentence = status_sentence(message);
  const auto done = request.query.find("done");
  if (done != request.query.end() && done->second == "decided")
    page.flash = {pages::Flash::Kind::DONE,
                  "Your decision is stored; what follows from it shows up below in a moment."};
  if (done != request.query.end() && done->second == "suppressed")
    page.flash = {pages::Flash::Kind::DONE, "Nothing more is sent to this recipient on this channel."};
  return pages::render(platform_, page, page_file("message.mustache"),
                       message_values(message, in_clear, platform_.clock.now()));
}

}  // namespace carillon::health
