#include "health-aggregator/app/replay_dead_letter.hpp"

#include <fmt/format.h>

#include "bus/dead_letters.hpp"
#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "values/message_id.hpp"

namespace carillon::health {

void replay_dead_letter(pg::Pool& pool, bus::Bus& bus, const Replay& replay, UtcTime now) {
  events::AuditEvent event;
  event.event_id = new_uuid(now);
  event.occurred_at = now;
  event.action = "DEAD_LETTER_REPLAYED";
  event.actor = replay.actor;
  event.subject_kind = "dead_letter";
  event.subject_id = fmt::format("{}/{}/{}", replay.letters.name, replay.letter.partition, replay.letter.seq);
  event.outcome = "PUBLISHED";
  event.reason = bus::header(replay.letter.record.headers, "dlq-reason");
  bus::Outbox out;
  out.publish(replay.topic, bus::record_of(replay.letter));
  out.publish(bus::topics::audit, {event.subject_id,
                                   events::binary_headers("carillon.audit.v1", "carillon/health-aggregator",
                                                          event.event_id, now, replay.traceparent),
                                   events::to_json(event)});
  auto connection = pool.take();
  pg::Transaction tx(*connection);
  bus.flush(out, tx);
  tx.commit();
  bus.wake(out);
}

}  // namespace carillon::health
