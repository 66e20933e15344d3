#include "orchestrator/adapters/http_unsubscribe.hpp"

#include "orchestrator/adapters/one_click_form.hpp"
#include "orchestrator/adapters/unsubscribe_page.hpp"
#include "orchestrator/core/unsubscribe_token.hpp"
#include "service/log.hpp"

namespace carillon::orchestrator {
namespace {

http::Response ask(const http::Request& request, const security::Sealer& sealer) {
  const auto ticket = read_unsubscribe_token(request.params.at("token"), sealer);
  return ticket ? unsubscribe_page(UnsubscribePage::ASK, ticket->category) : unsubscribe_page(UnsubscribePage::UNKNOWN);
}

// Failures are answered here: the server's log of them names the path, and this one would let its reader unsubscribe.
http::Response unsubscribe(const http::Request& request, Suppressions& suppressions, const security::Sealer& sealer) {
  const auto ticket = read_unsubscribe_token(request.params.at("token"), sealer);
  if (!ticket) return unsubscribe_page(UnsubscribePage::UNKNOWN);
  if (!asks_to_unsubscribe(http::field(request.headers, "Content-Type"), request.body))
    return unsubscribe_page(UnsubscribePage::NOT_ASKED);
  try {
    suppressions.unsubscribe(*ticket, request.traceparent);
  } catch (const std::exception& failure) {
    log::warn("unsubscribe_failed", {{"error", failure.what()}}, request.trace_id);
    return unsubscribe_page(UnsubscribePage::LATER);
  }
  return unsubscribe_page(UnsubscribePage::DONE, ticket->category);
}

}  // namespace

void add_unsubscribe_routes(http::Router& router, Suppressions& suppressions, const security::Sealer& sealer) {
  router.add(http::Method::GET, "/unsubscribe/{token}",
             [&sealer](const http::Request& request) { return ask(request, sealer); });
  router.add(http::Method::POST, "/unsubscribe/{token}",
             [&](const http::Request& request) { return unsubscribe(request, suppressions, sealer); });
}

}  // namespace carillon::orchestrator
