#include "orchestrator/app/throttle_queue.hpp"

#include <algorithm>

#include "orchestrator/core/throttle.hpp"
#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

using events::Channel;
using events::Priority;

constexpr std::int64_t wake_batch_max = 5'000;  // the others a look later

std::int64_t rank(Priority priority) {
  return static_cast<std::int64_t>(priority);
}

void load_turns(pg::Transaction& tx, Channel channel, std::span<DecidedMessage* const> joining,
                const pqxx::result& serving, FairTurns& turns) {
  for (const auto& row : serving)
    turns.serving(static_cast<Priority>(row["priority"].as<int>()), row["turn"].as<std::int64_t>());
  std::set<std::pair<std::int64_t, std::string>> keys;
  for (const DecidedMessage* message : joining) keys.emplace(rank(message->priority), message->fair_key());
  pg::Array priorities, fair_keys;
  for (const auto& [priority, key] : keys) {
    priorities.add(priority);
    fair_keys.add(key);
  }
  const auto rows =
      tx.run(orchestrator_sql::read_last_turns,
             pg::Params().add(events::enum_name(channel)).add(std::move(priorities)).add(std::move(fair_keys)));
  for (const auto& row : rows) {
    turns.last_of(static_cast<Priority>(row["priority"].as<int>()), row["fair_key"].as<std::string>(),
                  row["turn"].as<std::int64_t>());
  }
}

void defer(pg::Transaction& tx, Channel channel, std::span<DecidedMessage* const> joining, const pqxx::result& serving,
           UtcTime now) {
  FairTurns turns;
  load_turns(tx, channel, joining, serving, turns);
  pg::Array ids, priorities, places, fair_keys, clients, dispatches, traces, expiries, hashes;
  for (DecidedMessage* message : joining) {
    message->status = events::Status::DEFERRED_THROTTLED;
    ids.add(message->id);
    priorities.add(rank(message->priority));
    places.add(turns.next(message->priority, message->fair_key()));
    fair_keys.add(message->fair_key());
    clients.add(message->incoming->request.client_id);
    dispatches.add_bytes(message->dispatch_json);
    traces.add(message->incoming->traceparent);
    expiries.add(message->incoming->request.expires_at);
    hashes.add(message->recipient_hash);
  }
  tx.run(orchestrator_sql::defer_messages, pg::Params()
                                               .add(events::enum_name(channel))
                                               .add(now)
                                               .add(std::move(ids))
                                               .add(std::move(priorities))
                                               .add(std::move(places))
                                               .add(std::move(fair_keys))
                                               .add(std::move(clients))
                                               .add(std::move(dispatches))
                                               .add(std::move(traces))
                                               .add(std::move(expiries))
                                               .add(std::move(hashes)));
}

std::vector<WaitingMessage> all_waiting_from(const pqxx::result& rows) {
  std::vector<WaitingMessage> waiting;
  for (const auto& row : rows) waiting.push_back(waiting_from(row));
  std::sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) { return a.place < b.place; });
  return waiting;
}

}  // namespace

WaitingMessage waiting_from(const pqxx::row& row) {
  return {pg::from_bytea(row["dispatch"].as<std::string>()),
          row["traceparent"].as<std::string>(),
          {static_cast<Priority>(row["priority"].as<int>()), row["turn"].as<std::int64_t>(),
           row["seq"].as<std::int64_t>()}};
}

void lock_throttle(pg::Transaction& tx, Channel channel) {
  tx.run(orchestrator_sql::lock_throttle, pg::Params().add(events::enum_name(channel)));
}

std::int64_t read_admitted(pg::Transaction& tx, Channel channel, UtcTime now) {
  const auto rows = tx.run(orchestrator_sql::read_throttle_window,
                           pg::Params().add(events::enum_name(channel)).add(first_counted_second(now)));
  std::vector<ThrottleBucket> buckets;
  for (const auto& row : rows) buckets.push_back({row[0].as<std::int64_t>(), row[1].as<std::int64_t>()});
  return admitted_in_window(buckets, now);
}

void count_admitted(pg::Transaction& tx, Channel channel, std::int64_t admitted, UtcTime now) {
  if (admitted == 0) return;
  tx.run(
      orchestrator_sql::count_admitted,
      pg::Params().add(events::enum_name(channel)).add(unix_second(now)).add(admitted).add(first_counted_second(now)));
}

std::size_t throttle(pg::Transaction& tx, Channel channel, std::int64_t limit_per_minute,
                     std::span<DecidedMessage* const> messages, UtcTime now) {
  if (limit_per_minute == 0 || messages.empty()) return 0;
  lock_throttle(tx, channel);
  const std::int64_t admitted_before = read_admitted(tx, channel, now);
  const auto serving = tx.run(orchestrator_sql::read_serving_turns, pg::Params().add(events::enum_name(channel)));
  std::vector<ThrottleCandidate> candidates;
  for (const DecidedMessage* message : messages) candidates.push_back({message->priority, message->fair_key()});
  const auto goes = admit(candidates, limit_per_minute, admitted_before, serving.empty());
  std::vector<DecidedMessage*> joining;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!goes[i]) joining.push_back(messages[i]);
  }
  count_admitted(tx, channel, static_cast<std::int64_t>(messages.size() - joining.size()), now);
  if (!joining.empty()) defer(tx, channel, joining, serving, now);
  return joining.size();
}

std::vector<WaitingMessage> take_deferred(pg::Transaction& tx, Channel channel, std::int64_t messages_max) {
  return all_waiting_from(
      tx.run(orchestrator_sql::take_deferred, pg::Params().add(events::enum_name(channel)).add(messages_max)));
}

void remove_deferred(pg::Transaction& tx, pg::Array&& ids) {
  if (ids.size() > 0) tx.run(orchestrator_sql::remove_deferred, pg::Params().add(std::move(ids)));
}

void hush_deferred(pg::Transaction& tx, pg::Array&& ids, pg::Array&& until) {
  if (ids.size() > 0) tx.run(orchestrator_sql::hush_deferred, pg::Params().add(std::move(ids)).add(std::move(until)));
}

void wake_deferred(pg::Transaction& tx, Channel channel, UtcTime now) {
  tx.run(orchestrator_sql::wake_deferred, pg::Params().add(events::enum_name(channel)).add(now).add(wake_batch_max));
}

std::vector<WaitingMessage> take_expired(pg::Transaction& tx, UtcTime now, std::int64_t messages_max) {
  return all_waiting_from(tx.run(orchestrator_sql::take_expired, pg::Params().add(now).add(messages_max)));
}

}  // namespace carillon::orchestrator
