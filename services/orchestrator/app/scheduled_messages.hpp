// Messages that wait for their time (table scheduled_messages). Free functions over a transaction, set-based.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orchestrator/app/decided_message.hpp"
#include "orchestrator/app/incoming.hpp"
#include "postgres/connection.hpp"
#include "security/seal.hpp"

namespace carillon::orchestrator {

// Stores those with status SCHEDULED. Sensitive ones rest sealed, whether they came so or not.
void schedule(pg::Transaction& tx, std::span<const DecidedMessage* const> messages, const security::Sealer& sealer);

struct ScheduledMessage {
  std::string message_id;
  Incoming incoming;
};
ScheduledMessage scheduled_from(const pqxx::row& row, const security::Sealer& sealer);

// The next that are due: CRITICAL first, then by time, in turns between clients. They stay locked in this transaction.
std::vector<ScheduledMessage> take_scheduled(pg::Transaction& tx, UtcTime now, int messages_max,
                                             const security::Sealer& sealer);
// Of those that were taken: all but who was scheduled again.
void remove_scheduled(pg::Transaction& tx, std::span<const ScheduledMessage> taken, UtcTime now);

}  // namespace carillon::orchestrator
