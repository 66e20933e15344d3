#include "orchestrator/app/release_scheduled.hpp"

#include "orchestrator/app/scheduled_messages.hpp"
#include "service/failpoint.hpp"

namespace carillon::orchestrator {
namespace {

constexpr int release_batch_max = 500;
constexpr int batches_per_turn_max = 10;  // others have their turn too

std::size_t release_batch(pg::Connection& connection, bus::Bus& bus, const Facts& facts, const DecideRequests& decide,
                          UtcTime now) {
  pg::Transaction tx(connection);
  const auto due = take_scheduled(tx, now, release_batch_max, facts.sealer);
  if (due.empty()) return 0;
  std::vector<Incoming> requests;
  requests.reserve(due.size());
  for (const ScheduledMessage& message : due) requests.push_back(message.incoming);
  bus::Outbox out;
  decide(requests, tx, out, now);
  remove_scheduled(tx, due, now);
  bus.flush(out, tx);
  failpoint("orchestrator.release.before_commit");
  tx.commit();
  failpoint("orchestrator.release.after_commit");
  bus.wake(out);
  return due.size();
}

}  // namespace

bool release_scheduled(pg::Connection& connection, bus::Bus& bus, const Facts& facts, const DecideRequests& decide,
                       UtcTime now) {
  for (int i = 0; i < batches_per_turn_max; ++i) {
    const std::size_t released = release_batch(connection, bus, facts, decide, now);
    if (released < release_batch_max) return i > 0 || released > 0;
  }
  return true;
}

}  // namespace carillon::orchestrator
