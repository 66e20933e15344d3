// Guards: who may open a page or call a route with a session. They block on the database (so not for async routes) and
// leave who it is in request.params: session_id, session_account, session_email, session_role, session_client, which
// visitor_of (visitor.hpp) reads.
//
// With any method but GET, HEAD and OPTIONS the request needs the session's CSRF token, in the form's field `csrf` or
// in the header X-CSRF-Token; a route with large bodies needs the header, since its guard is asked before the body is
// read.
#pragma once
#include <functional>
#include <initializer_list>
#include <string_view>

#include "http/router.hpp"
#include "pages/visitor.hpp"
#include "service/service.hpp"

namespace carillon::pages {

// How somebody is refused. PAGE: without a session to /login and back again, else a page that says why. API:
// problem+json. Both 403 FORBIDDEN for the wrong role and 403 CSRF_INVALID; API 401 UNAUTHENTICATED without a session.
enum class Refusal { PAGE, API };

// Told of a visitor who was refused with FORBIDDEN or CSRF_INVALID, before the answer goes out; for audit entries. May
// block. What it throws takes the place of the answer.
using OnRefused = std::function<void(const http::Request& request, const Visitor& visitor, std::string_view code)>;

http::Guard require_session(service::Platform& platform, std::initializer_list<security::Role> roles, Refusal refusal,
                            OnRefused on_refused = {});

// An API key with `scope`, or else a session of one of the roles; for routes that programs and people call. Refuses as
// API. Leaves api_key_owner and api_key_admin as service::require_scope does, or what require_session leaves.
http::Guard require_scope_or_session(service::Platform& platform, std::string scope,
                                     std::initializer_list<security::Role> roles, OnRefused on_refused = {});

// For forms of people without a session: 403 CSRF_INVALID as a page for what comes from elsewhere (security/csrf.hpp).
http::Guard require_own_form(service::Platform& platform);

}  // namespace carillon::pages
