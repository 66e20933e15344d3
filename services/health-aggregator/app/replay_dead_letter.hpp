// A dead letter goes back to its topic as it was, with the audit entry DEAD_LETTER_REPLAYED in the same transaction.
// Blocks on the database; throws the pg:: errors.
#pragma once
#include <string>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "time/utc_time.hpp"

namespace carillon::health {

struct Replay {
  bus::Topic letters, topic;  // where it lies, where it goes
  const bus::Received& letter;
  std::string actor;  // "account:<id>"
  std::string traceparent;
};

void replay_dead_letter(pg::Pool& pool, bus::Bus& bus, const Replay& replay, UtcTime now);

}  // namespace carillon::health
