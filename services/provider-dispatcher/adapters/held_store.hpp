// Held messages in dispatcher.pending: what ends them, or sends them again. Every function is one statement; throws the
// pg:: errors.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/core/receipt.hpp"

namespace carillon::dispatcher::held_store {

struct Held {
  ClaimPtr claim;
  UtcTime since{};
};
// The oldest first.
std::vector<Held> list(pg::Transaction& tx, bus::Bus& bus, int rows_max);
std::int64_t count(pg::Transaction& tx);

// Removes messages that these receipts resolve: held ones, and those that wait to be sent again although that would be
// no use. Receipts of messages that are being called just now are kept as early ones.
std::vector<ClaimPtr> end_by_receipts(pg::Transaction& tx, bus::Bus& bus, std::span<const Receipt* const> receipts);

// Both give null when the message is not held. A locked one stays as it is until the transaction ends.
ClaimPtr end(pg::Transaction& tx, bus::Bus& bus, const std::string& message_id);
ClaimPtr lock(pg::Transaction& tx, bus::Bus& bus, const std::string& message_id);
// A locked one goes back to waiting, for a call at `provider` at once that is marked as an extra one.
void send_again(pg::Transaction& tx, const std::string& message_id, const std::string& provider, UtcTime now);

bool is_pending(pg::Transaction& tx, const std::string& message_id);

// What administrators are to be asked about now.
struct Question {
  std::int64_t messages = 0;
  UtcTime oldest{};
};
// At most once in `pause` over all instances, and only when a message is held that long that nobody was asked about.
std::optional<Question> ask(pg::Transaction& tx, UtcTime now, std::chrono::minutes pause);

}  // namespace carillon::dispatcher::held_store
