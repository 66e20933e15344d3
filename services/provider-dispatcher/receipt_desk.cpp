#include "provider-dispatcher/receipt_desk.hpp"

#include "provider-dispatcher/adapters/held_pages.hpp"
#include "provider-dispatcher/adapters/held_routes.hpp"
#include "provider-dispatcher/service.hpp"

namespace carillon::dispatcher {

namespace {

pg::ConnectionSettings connection(const service::Platform& platform, const char* purpose) {
  return pg::for_repeated_statements(platform.connection(role, purpose));
}

}  // namespace

ReceiptDesk::ReceiptDesk(ReceiptSettings settings, ReceiptDeskParts parts)
    : platform_(parts.platform),
      figures_(settings.configured()),
      refusals_(platform_.metrics, platform_.clock),
      take_({parts.bus, platform_.clock, connection(platform_, "dispatcher-receipts"), figures_, room_,
             platform_.metrics}),
      watch_({parts.bus, platform_.clock, connection(platform_, "dispatcher-receipt-watch"), figures_, room_, refusals_,
              platform_.metrics}),
      routes_(std::move(settings),
              {take_, refusals_, platform_.http, platform_.sealer, platform_.clock, platform_.metrics}),
      resolve_({parts.roster, parts.board, parts.pool, parts.bus, platform_.clock, std::move(parts.has_work)}) {}

std::set<std::string> ReceiptDesk::noted_providers(const ReceiptSettings& settings) {
  if (settings.ses()) return {"ses"};
  return {};
}

void ReceiptDesk::routes(http::Router& router) {
  routes_.add_to(router);
  add_held_pages(router, platform_, resolve_);
  router.add(
      http::Method::GET, "/api/admin/messages/held",
      [this](const http::Request& request) { return answer_held(request, resolve_, platform_.sealer); },
      service::require_scope(platform_, "admin"));
  router.add(
      http::Method::POST, "/api/admin/messages/{id}/resolve",
      [this](const http::Request& request) { return answer_resolve(request, resolve_); },
      service::require_scope(platform_, "admin"));
}

void ReceiptDesk::start() {
  take_.start();
  watch_.start();
}

void ReceiptDesk::stop() {
  take_.stop();
  watch_.stop();
}

}  // namespace carillon::dispatcher
