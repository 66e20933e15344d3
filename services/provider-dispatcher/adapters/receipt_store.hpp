// What receipts need in SQL: sent_calls, unmatched_receipts, early_receipts, noted_receipts. Every function is one
// statement over a whole batch; throws the pg:: errors.
#pragma once
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "postgres/connection.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/core/receipt.hpp"

namespace carillon::dispatcher::receipt_store {

// One call that a provider accepted under an id of its own.
struct SentCall {
  std::string provider;
  std::string provider_message_id;
  std::string message_id;
  int attempt = 0;
};
void note_sent_calls(pg::Transaction& tx, std::span<const SentCall> calls, UtcTime now);

// Receipts without message_id get it, and their attempt, where the call is known. Others are left as they are.
void match(pg::Transaction& tx, std::span<Receipt* const> receipts);
// Keeps receipts of unknown calls; how many are new.
std::size_t keep_unmatched(pg::Transaction& tx, std::span<const Receipt* const> receipts, UtcTime now);
// Takes out kept receipts, received since `since`, whose call is known by now, with message_id and attempt.
std::vector<Receipt> take_matched(pg::Transaction& tx, UtcTime since, int rows_max);
std::int64_t count_unmatched(pg::Connection& connection);
// One lot of those received before `before`: how many of each provider.
std::vector<std::pair<std::string, std::int64_t>> drop_unmatched(pg::Transaction& tx, UtcTime before, int rows_max);

// Takes out the early receipts that can be applied; what they are of (message, attempt, kind, provider, its id, time).
std::vector<Receipt> take_early(pg::Transaction& tx, int rows_max);
// Those of the messages that an early receipt says a provider has.
std::set<std::string> told(pg::Transaction& tx, std::span<const std::string* const> message_ids);

// For each receipt whether it is noted now for the first time.
std::vector<bool> note_first(pg::Transaction& tx, std::span<const Receipt* const> receipts, UtcTime now);

// How many rows went; fewer than `rows_max`: that was all.
std::size_t drop_sent_calls(pg::Connection& connection, UtcTime before, int rows_max);
std::size_t drop_noted(pg::Connection& connection, UtcTime before, int rows_max);

}  // namespace carillon::dispatcher::receipt_store
