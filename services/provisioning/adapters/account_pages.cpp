#include "provisioning/adapters/account_pages.hpp"

#include <fmt/format.h>

#include "pages/access.hpp"
#include "pages/form.hpp"
#include "pages/local_path.hpp"
#include "pages/navigation.hpp"
#include "pages/page.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_pages_web.hpp"
#include "values/recipient.hpp"

namespace carillon::provisioning {
namespace {

using pages::Page;
using pages::Values;
using security::LinkState;
using security::Role;

constexpr const char* busy_seconds = "5";

std::string_view file(std::string_view path) {
  for (const auto& one : provisioning_pages::files) {
    if (one.path == path) return one.bytes;
  }
  throw std::logic_error("services/provisioning/web lacks " + std::string(path));
}

Values values_of(std::initializer_list<std::pair<const char*, std::string>> texts) {
  Values values{Values::type::object};
  for (const auto& [name, value] : texts) {
    if (!value.empty()) values[name] = Values{value};
  }
  return values;
}

// Shown again in the form; an address that no text could be is not.
std::string shown(const std::string& email) {
  return is_valid_utf8(email) && email.size() <= email_chars_max ? email : std::string();
}

Page login_page() {
  Page page;
  page.title = "Log in";
  return page;
}

http::Response login_form(const service::Platform& platform, const Page& page, const std::string& email,
                          const std::string& next) {
  return pages::render(platform, page, file("login.mustache"),
                       values_of({{"email", shown(email)}, {"next", pages::is_local_path(next) ? next : ""}}));
}

Page forgotten_page() {
  Page page;
  page.title = "Forgot your password?";
  page.sentence = "We send a link with which you can set a new one.";
  return page;
}

http::Response unreadable(const service::Platform& platform, Page page, const Failure& failure) {
  page.status = failure.code == "FORM_TOO_LARGE" ? 413 : 400;
  return pages::notice(platform, page, "What was sent can't be read: " + failure.detail + ".",
                       pages::Action{"Log in", "/login"});
}

http::Response busy(http::Response response) {
  response.headers.emplace_back("Retry-After", busy_seconds);
  return response;
}

std::string minutes(std::chrono::seconds wait) {
  const auto count = std::chrono::ceil<std::chrono::minutes>(wait).count();
  return count == 1 ? "a minute" : fmt::format("{} minutes", count);
}

// A link that can't be used (any more), and what to do instead.
http::Response dead_link(const service::Platform& platform, LinkState state) {
  Page page;
  page.title = "This link does not work";
  page.status = state == LinkState::UNKNOWN ? 404 : 410;
  const char* text = state == LinkState::USED ? "It was used already, and each link works once. If you have set your "
                                                "password, log in; if that was not you, ask for a new link at once."
                     : state == LinkState::EXPIRED
                         ? "It was valid for some time only, and that is over. Ask for a new one."
                         : "A part of it may have been lost. Open it from the e-mail once more, or ask for a new one.";
  return pages::render(platform, page, file("dead_link.mustache"), values_of({{"text", text}}));
}

http::Response link_form(const service::Platform& platform, const security::FoundLink& link, const std::string& token,
                         std::vector<pages::FieldError> errors, int status) {
  Page page;
  page.title = link.purpose == security::LinkPurpose::RESET_PASSWORD ? "Set a new password" : "Set your password";
  page.sentence = "For " + link.account.email;
  page.errors = std::move(errors);
  page.status = status;
  return pages::render(platform, page, file("set_password.mustache"),
                       values_of({{"email", link.account.email},
                                  {"token", token},
                                  {"chars_min", std::to_string(security::password_chars_min)}}));
}

std::string param(const std::map<std::string, std::string>& params, const char* name) {
  const auto found = params.find(name);
  return found == params.end() ? std::string() : found->second;
}

}  // namespace

AccountPages::AccountPages(const AccountSettings& settings, service::Platform& platform, pg::Pool& pool, bus::Bus& bus,
                           LogIn& log_in, SetPassword& set_password, RequestResets& resets)
    : settings_(settings),
      platform_(platform),
      pool_(pool),
      bus_(bus),
      log_in_(log_in),
      set_password_(set_password),
      resets_(resets) {}

void AccountPages::routes(http::Router& router) {
  const auto page = [this](http::Response (AccountPages::*handler)(const http::Request&)) {
    return pages::shown_as_page(platform_, [this, handler](const http::Request& r) { return (this->*handler)(r); });
  };
  const http::Guard own_form = pages::require_own_form(platform_);
  const http::Guard anybody =
      pages::require_session(platform_, {Role::OWNER, Role::STAFF, Role::ADMIN}, pages::Refusal::PAGE);
  router.add(http::Method::GET, "/", page(&AccountPages::front));
  router.add(http::Method::GET, "/login", page(&AccountPages::show_login));
  router.add(http::Method::POST, "/login", page(&AccountPages::log_in), own_form);
  router.add(http::Method::POST, "/logout", page(&AccountPages::log_out), anybody);
  router.add(http::Method::GET, "/forgot-password", page(&AccountPages::show_forgotten));
  router.add(http::Method::POST, "/forgot-password", page(&AccountPages::ask_for_reset), own_form);
  router.add(http::Method::GET, "/set-password", page(&AccountPages::show_link));
  router.add(http::Method::POST, "/set-password", page(&AccountPages::set_password), own_form);
  const http::Guard admin = pages::require_session(platform_, {Role::ADMIN}, pages::Refusal::PAGE);
  router.add(
      http::Method::GET, "/admin",
      [this](const http::Request&) { return pages::see_other(platform_, std::string(pages::home_of(Role::ADMIN))); },
      admin);
  router.add(http::Method::GET, "/admin/more", page(&AccountPages::more), admin);
}

std::string AccountPages::address_of(const http::Request& request) {
  proxy_warning_.look_at(request);
  return client_address(request, settings_.trusted_proxies);
}

http::Response AccountPages::front(const http::Request& request) {
  const auto visitor = pages::find_visitor(platform_, request);
  return pages::see_other(platform_, visitor ? std::string(pages::home_of(visitor->role)) : "/login");
}

http::Response AccountPages::show_login(const http::Request& request) {
  const std::string next = param(request.query, "next"), done = param(request.query, "done");
  if (const auto visitor = pages::find_visitor(platform_, request))
    return pages::see_other(platform_, pages::local_path_or(next, pages::home_of(visitor->role)));
  Page page = login_page();
  if (done == "password-set") page.flash = {pages::Flash::Kind::DONE, "Your password is set. Log in with it."};
  if (done == "logged-out") page.flash = {pages::Flash::Kind::DONE, "You are logged out."};
  return login_form(platform_, page, "", next);
}

http::Response AccountPages::log_in(const http::Request& request) {
  const auto form = pages::read_form(request);
  Page page = login_page();
  if (!form) return unreadable(platform_, page, form.error());
  const std::string email = form->trimmed("email"), &password = (*form)["password"], &next = (*form)["next"];
  if (email.empty()) page.errors.push_back({"email", "Enter your e-mail address."});
  if (password.empty()) page.errors.push_back({"password", "Enter your password."});
  if (!page.errors.empty()) {
    page.status = 422;
    return login_form(platform_, page, email, next);
  }
  const auto visitor = pages::find_visitor(platform_, request);
  const LoginAnswer answer =
      log_in_({email, password, address_of(request), visitor ? visitor->session_id : "", request.traceparent},
              platform_.clock.now());
  switch (answer.outcome) {
    case LoginOutcome::LOGGED_IN: {
      http::Response response = pages::see_other(platform_, pages::local_path_or(next, pages::home_of(answer.role)));
      response.headers.push_back(pages::session_cookie(answer.token));
      return response;
    }
    case LoginOutcome::LIMITED: {
      page.status = 429;
      page.errors = {{"", "Too many tries. Try again in " + minutes(answer.wait) + "."}};
      http::Response response = login_form(platform_, page, email, next);
      response.headers.emplace_back("Retry-After", std::to_string(answer.wait.count()));
      return response;
    }
    case LoginOutcome::BUSY:
      page.status = 503;
      page.errors = {{"", "Too many people log in just now. Try again in a moment."}};
      return busy(login_form(platform_, page, email, next));
    default:
      page.status = 401;
      page.errors = {{"", "This address and this password do not belong together."}};
      http::Response response = login_form(platform_, page, email, next);
      response.headers.emplace_back("WWW-Authenticate", "Form");  // RFC 9110, 15.5.2; no browser asks by itself
      return response;
  }
}

http::Response AccountPages::log_out(const http::Request& request) {
  const pages::Visitor visitor = pages::visitor_of(request);
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  security::end_session(tx, visitor.session_id);
  AuditFacts facts{"LOGGED_OUT", pages::actor_of(request), "account", visitor.account_id};
  facts.client_id = visitor.client_id;
  facts.outcome = "DONE";
  publish_audit(out, std::move(facts), platform_.clock.now(), request.traceparent);
  bus_.commit(out, tx);
  bus_.wake(out);
  http::Response response = pages::see_other(platform_, "/login?done=logged-out");
  response.headers.push_back(pages::ended_session_cookie());
  return response;
}

http::Response AccountPages::show_forgotten(const http::Request&) {
  return pages::render(platform_, forgotten_page(), file("forgot_password.mustache"));
}

http::Response AccountPages::ask_for_reset(const http::Request& request) {
  const auto form = pages::read_form(request);
  Page page = forgotten_page();
  if (!form) return unreadable(platform_, page, form.error());
  const std::string email = form->trimmed("email");
  if (!parse_email(email)) {
    page.status = 422;
    page.errors = {{"email", email.empty() ? "Enter your e-mail address." : "Enter an address like ann@example.com."}};
    return pages::render(platform_, page, file("forgot_password.mustache"), values_of({{"email", shown(email)}}));
  }
  if (!resets_.offer({email, address_of(request), request.traceparent})) {
    page.status = 503;
    page.errors = {{"", "Too many people ask just now. Try again in a moment."}};
    return busy(pages::render(platform_, page, file("forgot_password.mustache"), values_of({{"email", shown(email)}})));
  }
  page.title = "Look into your inbox";
  page.sentence = "";
  return pages::render(platform_, page, file("reset_sent.mustache"), values_of({{"email", shown(email)}}));
}

http::Response AccountPages::show_link(const http::Request& request) {
  const std::string token = param(request.query, "t");
  const security::FoundLink link = set_password_.look_at(token, platform_.clock.now());
  return link.state == LinkState::VALID ? link_form(platform_, link, token, {}, 200) : dead_link(platform_, link.state);
}

http::Response AccountPages::set_password(const http::Request& request) {
  const auto form = pages::read_form(request);
  if (!form) {
    Page page;
    page.title = "Set your password";
    return unreadable(platform_, page, form.error());
  }
  const std::string token = (*form)["t"];
  const auto again = [&](std::string field, std::string text, int status) {
    const security::FoundLink link = set_password_.look_at(token, platform_.clock.now());
    if (link.state != LinkState::VALID) return dead_link(platform_, link.state);
    return link_form(platform_, link, token, {{std::move(field), std::move(text)}}, status);
  };
  // Only once the first of the two could be a password: who has to choose another one need not hear of a typo.
  const std::string &password = (*form)["password"], &repeated = (*form)["repeated"];
  if (password != repeated && !security::password_refusal(password, ""))
    return again("repeated", "The two are not the same.", 422);
  const SetPasswordAnswer answer =
      set_password_({token, password, address_of(request), request.traceparent}, platform_.clock.now());
  if (answer.link != LinkState::VALID) return dead_link(platform_, answer.link);
  if (!answer.refused) return pages::see_other(platform_, "/login?done=password-set");
  if (answer.refused->code == "PASSWORDS_BUSY") return busy(again("", answer.refused->detail, 503));
  return again("password", answer.refused->detail, 422);
}

http::Response AccountPages::more(const http::Request& request) {
  Page page;
  page.title = "More";
  page.sentence = "What else can be looked at, here and on the command line.";
  page.visitor = pages::visitor_of(request);
  page.path = "/admin/more";
  return pages::render(platform_, page, file("admin.mustache"));
}

}  // namespace carillon::provisioning
