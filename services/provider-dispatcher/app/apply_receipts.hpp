// One batch of receipts, in one transaction: whose they are, which pending messages they end, what others are told.
// Does not commit. A receipt that comes twice, early or out of order changes nothing it should not: pending messages
// end once, noted_receipts keeps audits and suppressions single, and the log takes a message's status once.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provider-dispatcher/core/receipt.hpp"

namespace carillon::dispatcher {

// Receipts of calls we don't know are kept for this long, and no more than this many of them.
inline constexpr std::chrono::hours unmatched_receipts_kept{24};
inline constexpr std::int64_t unmatched_receipts_max = 100'000;

// What became of a batch, for the counters once it is committed.
struct AppliedReceipts {
  std::size_t unmatched = 0;   // kept for later
  std::size_t dropped = 0;     // not kept: there are unmatched_receipts_max already
  std::size_t resolved = 0;    // pending messages they ended
  std::size_t suppressed = 0;  // recipients
};

// Fresh receipts. Those without message_id are looked up, and kept where nothing is found, up to `room` of them.
// Throws the pg:: errors.
AppliedReceipts apply_receipts(pg::Transaction& tx, bus::Bus& bus, bus::Outbox& out, std::span<Receipt* const> receipts,
                               std::size_t room, UtcTime now);

// Receipts that were applied when they came, and now can end messages whose calls have stayed unconfirmed.
AppliedReceipts end_by_early_receipts(pg::Transaction& tx, bus::Bus& bus, bus::Outbox& out,
                                      std::span<Receipt* const> receipts, UtcTime now);

}  // namespace carillon::dispatcher
