#include "health-aggregator/app/record_view.hpp"

#include "health-aggregator/app/health_events.hpp"

namespace carillon::health {

void record_view(pg::Pool& pool, bus::Bus& bus, const View& view, UtcTime now) {
  events::AuditEvent event;
  event.action = "MESSAGE_DETAIL_VIEWED";
  event.actor = view.actor;
  event.subject_kind = "message";
  event.subject_id = view.message_id;
  event.client_id = view.client_id;
  event.outcome = "OK";
  bus::Outbox out;
  publish_audit(out, std::move(event), now, view.traceparent);
  auto connection = pool.take();
  pg::Transaction tx(*connection);
  bus.commit(out, tx);
  bus.wake(out);
}

}  // namespace carillon::health
