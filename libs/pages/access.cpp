#include "pages/access.hpp"

#include <algorithm>
#include <vector>

#include "http/url.hpp"
#include "pages/form.hpp"
#include "pages/local_path.hpp"
#include "pages/navigation.hpp"
#include "pages/page.hpp"
#include "postgres/errors.hpp"
#include "security/csrf.hpp"
#include "service/access.hpp"

namespace carillon::pages {
namespace {

using Refused = std::optional<http::Response>;

bool changes_nothing(http::Method method) {
  return method == http::Method::GET || method == http::Method::HEAD || method == http::Method::OPTIONS;
}

std::string csrf_token_of(const http::Request& request) {
  if (const std::string_view header = http::field(request.headers, "X-CSRF-Token"); !header.empty())
    return std::string(header);
  const auto form = read_form(request);
  return form ? (*form)["csrf"] : std::string();
}

const char* words_for(security::CsrfVerdict verdict) {
  if (verdict == security::CsrfVerdict::EXPIRED)
    return "This page was open for too long, so nothing was changed. Open it anew and send it once more.";
  return "Nothing was changed, for what was sent did not come from the page you have open. Open the page anew and send "
         "it once more.";
}

Refused log_in_first(const service::Platform& platform, const http::Request& request, Refusal refusal) {
  if (refusal == Refusal::API)
    return http::problem(401, "UNAUTHENTICATED", "log in at /login: this route needs a session");
  const bool back = changes_nothing(request.method) && is_local_path(request.target);
  return see_other(platform, back ? "/login?next=" + http::percent_encoded(request.target) : "/login");
}

// Of somebody signed in: a page within the frame, with a way on.
http::Response refused_page(const service::Platform& platform, const Visitor& visitor, const char* title,
                            const std::string& text) {
  Page page;
  page.title = title;
  page.status = 403;
  page.visitor = visitor;
  return notice(platform, page, text, Action{"Go to your start page", std::string(home_of(visitor.role))});
}

struct SessionRules {
  std::vector<security::Role> roles;
  Refusal refusal;
  OnRefused on_refused;
};

Refused refuse(const service::Platform& platform, const http::Request& request, const Visitor& visitor,
               const SessionRules& rules) {
  if (std::find(rules.roles.begin(), rules.roles.end(), visitor.role) == rules.roles.end()) {
    if (rules.on_refused) rules.on_refused(request, visitor, "FORBIDDEN");
    if (rules.refusal == Refusal::API) return http::problem(403, "FORBIDDEN", "your role may not do this");
    return refused_page(platform, visitor, "This is not yours to open", "Your account's role may not open this page.");
  }
  if (changes_nothing(request.method)) return std::nullopt;
  const auto verdict =
      security::csrf_verdict(platform.sealer, visitor.session_id, csrf_token_of(request), platform.clock.now());
  if (verdict == security::CsrfVerdict::VALID) return std::nullopt;
  if (rules.on_refused) rules.on_refused(request, visitor, "CSRF_INVALID");
  if (rules.refusal == Refusal::API)
    return http::problem(403, "CSRF_INVALID",
                         "send the CSRF token of this session's page in the field csrf or the header X-CSRF-Token");
  return refused_page(platform, visitor, "Nothing was changed", words_for(verdict));
}

Refused check_session(service::Platform& platform, http::Request& request, const SessionRules& rules) {
  const std::optional<Visitor> visitor = find_visitor(platform, request);
  if (!visitor) return log_in_first(platform, request, rules.refusal);
  if (auto refused = refuse(platform, request, *visitor, rules)) return refused;
  request.params["session_id"] = visitor->session_id;
  request.params["session_account"] = visitor->account_id;
  request.params["session_email"] = visitor->email;
  request.params["session_role"] = security::name_of(visitor->role);
  request.params["session_client"] = visitor->client_id;
  return std::nullopt;
}

}  // namespace

http::Guard require_session(service::Platform& platform, std::initializer_list<security::Role> roles, Refusal refusal,
                            OnRefused on_refused) {
  return [&platform, rules = SessionRules{roles, refusal, std::move(on_refused)}](http::Request& request) -> Refused {
    if (rules.refusal == Refusal::API) return check_session(platform, request, rules);
    try {
      return check_session(platform, request, rules);
    } catch (const pg::Unavailable&) {
      return not_possible_now(platform, request.method);
    }
  };
}

http::Guard require_scope_or_session(service::Platform& platform, std::string scope,
                                     std::initializer_list<security::Role> roles, OnRefused on_refused) {
  return [by_key = service::require_scope(platform, std::move(scope)),
          by_session = require_session(platform, roles, Refusal::API, std::move(on_refused))](http::Request& request) {
    const bool has_cookie = !cookie(request, session_cookie_name).empty();
    return service::bearer_token(request).empty() && has_cookie ? by_session(request) : by_key(request);
  };
}

http::Guard require_own_form(service::Platform& platform) {
  return [&platform](http::Request& request) -> Refused {
    if (changes_nothing(request.method) || security::is_from_our_pages(request, platform.public_url))
      return std::nullopt;
    Page page;
    page.title = "Nothing was changed";
    page.status = 403;
    return notice(platform, page, "What was sent did not come from a page of ours. Open the page here and try again.",
                  Action{"Log in", "/login"});
  };
}

}  // namespace carillon::pages
