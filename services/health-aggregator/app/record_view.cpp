#include "health-aggregator/app/record_view.hpp"

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

void record_view(pg::Pool& pool, bus::Bus& bus, const View& view, UtcTime now) {
  events::AuditEvent event;
  event.event_id = new_uuid(now);
  event.occurred_at = now;
  event.action = "MESSAGE_DETAIL_VIEWED";
  event.actor = view.actor;
  event.subject_kind = "message";
  event.subject_id = view.message_id;
  event.client_id = view.client_id;
  event.outcome = "OK";
  bus::Outbox out;
  out.publish(bus::topics::audit, {view.message_id,
                                   events::binary_headers("carillon.audit.v1", "carillon/health-aggregator",
                                                          event.event_id, now, view.traceparent),
                                   events::to_json(event)});
  auto connection = pool.take();
  pg::Transaction tx(*connection);
  bus.flush(out, tx);
  tx.commit();
  bus.wake(out);
}

}  // namespace carillon::health
