#include "orchestrator/template_desk.hpp"

#include "orchestrator/adapters/http_manual_messages.hpp"
#include "orchestrator/adapters/http_templates.hpp"
#include "pages/access.hpp"

namespace carillon::orchestrator {

TemplateDesk::TemplateDesk(service::Platform& platform, pg::Pool& pool, bus::Bus& bus, const Facts& facts)
    : platform_(platform),
      pool_(pool),
      edit_(pool, bus, platform.clock, facts.templates),
      preview_(facts, pool),
      send_(facts, pool, bus, platform.clock),
      pages_(platform, pool, edit_, preview_),
      edit_pages_(platform, pool, edit_, preview_, send_),
      message_pages_(platform, pool, send_) {}

void TemplateDesk::routes(http::Router& router) {
  const http::Guard guard = pages::require_scope_or_session(platform_, "admin", {security::Role::ADMIN});
  add_template_routes(router, pool_, edit_, preview_, guard);
  add_manual_message_routes(router, send_, guard);
  pages_.routes(router);
  edit_pages_.routes(router);
  message_pages_.routes(router);
}

}  // namespace carillon::orchestrator
