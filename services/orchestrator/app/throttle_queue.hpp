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

// Takes the next ones out of the queue, in their order.
std::vector<WaitingMessage> take_deferred(pg::Transaction& tx, events::Channel channel, std::int64_t messages_max);
// Takes those whose time is over, of any channel; needs no lock.
std::vector<WaitingMessage> take_expired(pg::Transaction& tx, UtcTime now, std::int64_t messages_max);

}  // namespace carillon::orchestrator
