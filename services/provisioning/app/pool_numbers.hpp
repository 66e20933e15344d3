// The table of numbers within a transaction: giving one to a client, taking it back, counting.
//
// One transaction, one thread. Throws pg::Unavailable, pg::Conflict or pg::StatementError.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "bus/outbox.hpp"
#include "postgres/connection.hpp"
#include "provisioning/app/pool_log.hpp"
#include "provisioning/core/client.hpp"
#include "provisioning/core/number_pool.hpp"
#include "time/utc_time.hpp"

namespace carillon::provisioning {

// Gives the client, which was read FOR_UPDATE, a number: the one kept for it, else the one that is longest in the pool,
// and sets client.twilio_number; the caller writes the client in the same transaction. Never CLIENT_NOT_FOUND. A
// client without number that finds the pool empty waits in the order of asking. What the database refuses is
// ALLOCATION_ERROR, with everything of it undone. Audited, and noted in `log`.
Allocation allocate_number(pg::Transaction& tx, bus::Outbox& out, PoolLog& log, Client& client,
                           const std::string& actor, UtcTime now);

// Those that were not known, in no order.
std::vector<std::string> add_pool_numbers(pg::Transaction& tx, std::span<const std::string> numbers, UtcTime now);

struct PoolFigures {
  PoolCounts counts;
  std::int64_t waiting = 0;
};
PoolFigures count_pool_numbers(pg::Transaction& tx);

// Whether the number belongs to the pool, whoever has it.
bool is_pool_number(pg::Transaction& tx, const std::string& number);

}  // namespace carillon::provisioning
