#include "provider-dispatcher/adapters/held_pages.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "dispatcher_pages_web.hpp"
#include "pages/access.hpp"
#include "pages/form.hpp"
#include "pages/page.hpp"
#include "pages/times.hpp"
#include "provider-dispatcher/adapters/dispatcher_web.hpp"
#include "provider-dispatcher/adapters/held_routes.hpp"
#include "values/message_id.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher {

std::string_view page_file(std::string_view path) {
  for (const auto& one : dispatcher_pages::files) {
    if (one.path == path) return one.bytes;
  }
  throw std::logic_error("services/provider-dispatcher/web lacks " + std::string(path));
}

namespace {

using pages::Page;
using pages::Values;

constexpr const char* path = "/admin/held";
constexpr const char* from_list = "held";  // in the form's field `from`

Page held_page(const http::Request& request) {
  Page page;
  page.title = "Held messages";
  page.sentence = "Their provider was called and gave no answer. Look it up there, then decide.";
  page.visitor = pages::visitor_of(request);
  page.path = path;
  page.wide = true;
  return page;
}

Values held_values(const held_store::Held& held, const security::Sealer& sealer, UtcTime now) {
  const events::Dispatch& dispatch = held.claim->dispatch;
  Values values{Values::type::object};
  values["id"] = dispatch.message_id;
  values["template"] = dispatch.template_key;
  values["to"] = held_recipient(dispatch, sealer);
  values["client"] = dispatch.client_id.empty() ? "–" : dispatch.client_id;
  values["provider"] = held.claim->provider_name;
  values["calls"] = std::to_string(held.claim->attempt);
  values["since"] = pages::time_tag(held.since, now);
  if (dispatch.expires_at && *dispatch.expires_at <= now)
    values["expired"] = Values{true};
  else
    values["can_resend"] = Values{true};
  return values;
}

http::Response list(const http::Request& request, service::Platform& platform, ResolveMessage& messages) {
  Page page = held_page(request);
  if (request.query.contains("done"))
    page.flash = {pages::Flash::Kind::DONE, "Your decision is stored and in the message's timeline."};
  const auto held = messages.held(held_list_max);
  Values rows{Values::type::list};
  for (const auto& one : held.messages) rows << held_values(one, platform.sealer, platform.clock.now());
  Values values{Values::type::object};
  values["messages"] = std::move(rows);
  values[held.messages.empty() ? "none" : "some"] = Values{true};
  if (held.total > static_cast<std::int64_t>(held.messages.size())) {
    values["total"] = std::to_string(held.total);
    values["shown"] = std::to_string(held.messages.size());
  }
  return pages::render(platform, page, page_file("held.mustache"), std::move(values));
}

http::Response refuse(const http::Request& request, const service::Platform& platform, int status,
                      const std::string& why) {
  Page page = held_page(request);
  page.title = "Nothing was decided";
  page.sentence = "";
  page.status = status;
  const std::string& id = request.params.at("id");
  const std::string back = is_uuid(id) ? "/admin/messages/" + id : std::string(path);
  return pages::notice(platform, page, why, pages::Action{"Look at the message", back});
}

http::Response decide(const http::Request& request, const service::Platform& platform, ResolveMessage& messages) {
  const auto form = pages::read_form(request);
  if (!form) return refuse(request, platform, 400, form.error().detail);
  const auto as = resolve_as((*form)["as"]);
  if (!as) return refuse(request, platform, 422, "Choose whether it was sent, was not, or is to be sent again.");
  const std::string note = form->trimmed("note");
  if (note.size() > resolve_note_chars_max || !is_valid_utf8(note) || has_control_characters(note))
    return refuse(request, platform, 422, "The note has to be one line of at most 300 bytes.");
  const std::string& id = request.params.at("id");
  const Resolved resolved =
      is_uuid(id) ? messages.resolve({id, *as, note, pages::actor_of(request)}) : Resolved::UNKNOWN;
  switch (resolved) {
    case Resolved::DONE:
      return pages::see_other(
          platform, fmt::format("{}?done=decided", (*form)["from"] == from_list ? path : "/admin/messages/" + id));
    case Resolved::NOT_HELD:
      return refuse(request, platform, 409, "This message is on its way; only one that is held can be decided about.");
    case Resolved::EXPIRED:
      return refuse(request, platform, 409,
                    "It has expired, so it would not be sent. Decide that it was sent, or not.");
    case Resolved::UNKNOWN:
      break;
  }
  return refuse(request, platform, 404, "This message is not held: it has its final state, or was never accepted.");
}

}  // namespace

void add_held_pages(http::Router& router, service::Platform& platform, ResolveMessage& messages) {
  const http::Guard admin = pages::require_session(platform, {security::Role::ADMIN}, pages::Refusal::PAGE);
  router.add(
      http::Method::GET, "/admin/held",
      pages::shown_as_page(platform, [&](const http::Request& request) { return list(request, platform, messages); }),
      admin);
  router.add(
      http::Method::POST, "/admin/held/{id}/decision",
      pages::shown_as_page(platform, [&](const http::Request& request) { return decide(request, platform, messages); }),
      admin);
}

}  // namespace carillon::dispatcher
