#include "orchestrator/wish_desk.hpp"

#include "orchestrator/adapters/http_cancel.hpp"
#include "orchestrator/adapters/http_preferences.hpp"
#include "orchestrator/adapters/preferences_page.hpp"
#include "pages/access.hpp"

namespace carillon::orchestrator {

void WishDesk::routes(http::Router& router) {
  using security::Role;
  add_cancel_routes(router, cancel_, service::require_scope(platform_, "notifications:send"),
                    pages::require_scope_or_session(platform_, "admin", {Role::ADMIN}));
  add_preference_routes(
      router, preferences_, facts_,
      pages::require_scope_or_session(platform_, preferences_scope, {Role::OWNER, Role::STAFF, Role::ADMIN}),
      pages::require_scope_or_session(platform_, preferences_scope, {Role::OWNER, Role::ADMIN}));
  add_preferences_page(router, platform_, preferences_, facts_);
}

}  // namespace carillon::orchestrator
