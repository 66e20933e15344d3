// The throttle's state in PostgreSQL: counts per second, and the messages that wait. Callers hold the channel's lock
// (lock_throttle) until their transaction ends, so all instances together keep the limit and the order.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "orchestrator/app/decided_message.hpp"
#include "orchestrator/core/fair_order.hpp"
#include "postgres/connection.hpp"

namespace carillon::orchestrator {

struct WaitingMessage {
  std::string dispatch_json, traceparent;
  QueuePlace place;
};

// Of a row of notification_retry_queue.
WaitingMessage waiting_from(const pqxx::row& row);

void lock_throttle(pg::Transaction& tx, events::Channel channel);
// Admissions of the rolling window.
std::int64_t read_admitted(pg::Transaction& tx, events::Channel channel, UtcTime now);
void count_admitted(pg::Transaction& tx, events::Channel channel, std::int64_t admitted, UtcTime now);

// Lets a batch's messages of one channel through or defers them; the deferred ones are in the queue afterwards, with
// status DEFERRED_THROTTLED. Returns how many were deferred.
std::size_t throttle(pg::Transaction& tx, events::Channel channel, std::int64_t limit_per_minute,
                     std::span<DecidedMessage* const> messages, UtcTime now);

// The next ones, in their order. They stay in the queue, locked in this transaction, until one of the two below.
std::vector<WaitingMessage> take_deferred(pg::Transaction& tx, events::Channel channel, std::int64_t messages_max);
void remove_deferred(pg::Transaction& tx, pg::Array&& ids);
// They keep quiet, until the times given in parallel: until then nobody waits behind them, and they are not taken.
void hush_deferred(pg::Transaction& tx, pg::Array&& ids, pg::Array&& until);
// Those whose quiet hours are over wait for the throttle again, before whoever has joined since.
void wake_deferred(pg::Transaction& tx, events::Channel channel, UtcTime now);
// Takes those whose time is over out of the queue, of any channel; needs no lock.
std::vector<WaitingMessage> take_expired(pg::Transaction& tx, UtcTime now, std::int64_t messages_max);

}  // namespace carillon::orchestrator
