#include "pages/page.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "layout_web.hpp"
#include "pages/assets.hpp"
#include "pages/navigation.hpp"
#include "postgres/errors.hpp"
#include "security/csrf.hpp"
#include "service/log.hpp"

namespace carillon::pages {
namespace {

using kainjow::mustache::mustache;

constexpr std::string_view retry_after_seconds = "10";
constexpr std::string_view hsts = "max-age=31536000";

std::string file(std::string_view path) {
  for (const auto& one : layout::files) {
    if (one.path == path) return std::string(one.bytes);
  }
  throw std::logic_error("libs/pages/web lacks " + std::string(path));
}

std::string rendered(std::string_view source, const Values& values) {
  mustache parsed{std::string(source)};
  if (!parsed.is_valid()) throw std::logic_error("a page's template is broken: " + parsed.error_message());
  return parsed.render(values);
}

Values object() {
  return Values{Values::type::object};
}

Values text(std::string_view value) {
  return Values{std::string(value)};
}

Values link(std::string_view label, std::string_view path) {
  Values one = object();
  one["label"] = text(label);
  one["path"] = text(path);
  return one;
}

Values navigation_of(const Page& page) {
  Values entries{Values::type::list};
  for (const Entry& entry : entries_for(page.visitor->role)) {
    Values one = link(entry.label, entry.path);
    if (entry.path == page.path) one["here"] = Values{true};
    entries << one;
  }
  return entries;
}

const char* name_of(Flash::Kind kind) {
  switch (kind) {
    case Flash::Kind::DONE:
      return "done";
    case Flash::Kind::WARNING:
      return "warning";
    default:
      return "refused";
  }
}

std::string csrf_field(const service::Platform& platform, const Page& page) {
  if (!page.visitor) return {};
  return fmt::format(R"(<input type="hidden" name="csrf" value="{}">)",
                     security::csrf_token(platform.sealer, page.visitor->session_id, platform.clock.now()));
}

// What bodies find for each field that is wrong.
void add_errors(Values& values, const std::vector<FieldError>& errors) {
  for (const FieldError& error : errors) {
    if (error.field.empty()) continue;
    values["error_" + error.field] = text(error.text);
    values["aria_" + error.field] =
        text(fmt::format(R"(aria-invalid="true" aria-describedby="{0}-error")", error.field));
  }
}

Values errors_of(const std::vector<FieldError>& errors) {
  Values list{Values::type::list};
  for (const FieldError& error : errors) {
    Values one = object();
    one["text"] = text(error.text);
    if (!error.field.empty()) one["field"] = text(error.field);
    list << one;
  }
  return list;
}

Values frame_of(const service::Platform& platform, const Page& page, std::string body) {
  Values frame = object();
  frame["title"] = text(page.title);
  frame["assets"] = text(assets_path());
  frame["body"] = text(body);
  Values scripts{Values::type::list};
  for (const std::string& script : page.scripts) scripts << text(script);
  frame["scripts"] = std::move(scripts);
  if (page.wide) frame["wide"] = Values{true};
  frame["csrf_field"] = text(csrf_field(platform, page));
  if (!page.sentence.empty()) frame["sentence"] = text(page.sentence);
  if (platform.sandbox) frame["sandbox"] = Values{true};
  if (page.action) {
    Values action = link(page.action->label, page.action->path);
    action["look"] = std::string(page.action->leads_back ? "btn-quiet" : "btn-main");
    frame["action"] = std::move(action);
  }
  if (page.visitor) {
    Values visitor = object();
    visitor["email"] = text(page.visitor->email);
    visitor["role"] = text(security::name_of(page.visitor->role));
    visitor["home"] = text(home_of(page.visitor->role));
    visitor["entries"] = navigation_of(page);
    frame["visitor"] = std::move(visitor);
  }
  if (page.flash) {
    Values flash = object();
    flash["kind"] = text(name_of(page.flash->kind));
    flash["text"] = text(page.flash->text);
    if (page.flash->kind == Flash::Kind::REFUSED) flash["focus"] = Values{true};
    frame["flash"] = std::move(flash);
  }
  if (!page.errors.empty()) {
    Values errors = object();
    errors["each"] = errors_of(page.errors);
    frame["errors"] = std::move(errors);
  }
  return frame;
}

std::string content_policy(const std::vector<std::string>& form_targets) {
  std::string policy =
      "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src "
      "'self'; form-action 'self'";
  for (const std::string& origin : form_targets) policy += " " + origin;
  return policy + "; base-uri 'none'; frame-ancestors 'none'";
}

}  // namespace

void add_page_headers(http::Response& response, const service::Platform& platform,
                      const std::vector<std::string>& form_targets) {
  // Not "no-referrer": with that, browsers send "Origin: null" with our own forms, which is_from_our_pages looks at.
  for (auto& header : http::Fields{{"Content-Security-Policy", content_policy(form_targets)},
                                   {"X-Content-Type-Options", "nosniff"},
                                   {"X-Frame-Options", "DENY"},
                                   {"Referrer-Policy", "same-origin"},
                                   {"Cross-Origin-Opener-Policy", "same-origin"},
                                   {"Cross-Origin-Resource-Policy", "same-origin"},
                                   {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"},
                                   {"X-Robots-Tag", "noindex"},
                                   {"Cache-Control", "no-store"}})
    response.headers.push_back(std::move(header));
  if (platform.public_url.starts_with("https://"))
    response.headers.emplace_back("Strict-Transport-Security", std::string(hsts));
}

http::Response render(const service::Platform& platform, const Page& page, std::string_view body_template,
                      Values values) {
  values["csrf_field"] = text(csrf_field(platform, page));
  add_errors(values, page.errors);
  http::Response response;
  response.status = page.status;
  response.content_type = "text/html; charset=utf-8";
  response.body = rendered(file("layout.mustache"), frame_of(platform, page, rendered(body_template, values)));
  add_page_headers(response, platform, page.form_targets);
  return response;
}

http::Response notice(const service::Platform& platform, const Page& page, const std::string& what,
                      std::optional<Action> next) {
  Values values = object();
  values["text"] = text(what);
  if (next) values["next"] = link(next->label, next->path);
  return render(platform, page, file("notice.mustache"), values);
}

http::Response see_other(const service::Platform& platform, std::string path) {
  http::Response response;
  response.status = 303;
  response.content_type = "text/plain; charset=utf-8";
  response.headers.emplace_back("Location", std::move(path));
  add_page_headers(response, platform);
  return response;
}

http::Response not_possible_now(const service::Platform& platform, http::Method method) {
  Page page;
  page.title = "Not possible just now";
  page.status = 503;
  const bool shows = method == http::Method::GET || method == http::Method::HEAD;
  http::Response response = notice(
      platform, page,
      shows ? "The database can't be asked just now, so there is nothing to show. Load this page again in a minute."
            : "What was sent could not be stored, so nothing was changed. Go back and try again in a minute.");
  response.headers.emplace_back("Retry-After", std::string(retry_after_seconds));
  return response;
}

http::Handler shown_as_page(service::Platform& platform, http::Handler handler) {
  return [&platform, handler = std::move(handler)](const http::Request& request) {
    try {
      return handler(request);
    } catch (const pg::Unavailable& failure) {
      log::warn("database_unavailable", {{"error", failure.what()}}, request.trace_id);
    } catch (const pg::Conflict& failure) {
      log::info("database_conflict", {{"error", failure.what()}}, request.trace_id);
    }
    return not_possible_now(platform, request.method);
  };
}

}  // namespace carillon::pages
