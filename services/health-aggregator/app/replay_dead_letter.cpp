#include "health-aggregator/app/replay_dead_letter.hpp"

#include <fmt/format.h>

#include "bus/dead_letters.hpp"
#include "health-aggregator/app/health_events.hpp"

namespace carillon::health {

void replay_dead_letter(pg::Pool& pool, bus::Bus& bus, const Replay& replay, UtcTime now) {
  events::AuditEvent event;
  event.action = "DEAD_LETTER_REPLAYED";
  event.actor = replay.actor;
  event.subject_kind = "dead_letter";
  event.subject_id = fmt::format("{}/{}/{}", replay.letters.name, replay.letter.partition, replay.letter.seq);
  event.outcome = "PUBLISHED";
  event.reason = bus::header(replay.letter.record.headers, "dlq-reason");
  bus::Outbox out;
  out.publish(replay.topic, bus::record_of(replay.letter));
  publish_audit(out, std::move(event), now, replay.traceparent);
  auto connection = pool.take();
  pg::Transaction tx(*connection);
  bus.commit(out, tx);
  bus.wake(out);
}

}  // namespace carillon::health
