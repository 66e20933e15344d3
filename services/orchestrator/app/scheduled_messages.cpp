#include "orchestrator/app/scheduled_messages.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

// When it is looked at again: a message whose expires_at comes first is EXPIRED then, and not hours later.
UtcTime due_at(const DecidedMessage& message) {
  const auto& expires_at = message.incoming->request.expires_at;
  return expires_at ? std::min(message.wait->until, *expires_at) : message.wait->until;
}

// Those that are due at one moment take turns between clients: each gets one more than its client's last.
class DueTurns {
 public:
  DueTurns(pg::Transaction& tx, std::span<const DecidedMessage* const> messages) {
    pg::Array fair_keys, times;
    for (const DecidedMessage* message : messages) {
      if (!next_.try_emplace({message->fair_key(), due_at(*message)}, 0).second) continue;
      fair_keys.add(message->fair_key());
      times.add(due_at(*message));
    }
    for (const auto& row :
         tx.run(orchestrator_sql::read_scheduled_turns, pg::Params().add(std::move(fair_keys)).add(std::move(times))))
      next_[{row["fair_key"].as<std::string>(), pg::to_utc(row["due_at"].as<std::string>())}] =
          row["turn"].as<std::int64_t>() + 1;
  }
  std::int64_t next(const DecidedMessage& message) { return next_[{message.fair_key(), due_at(message)}]++; }

 private:
  std::map<std::pair<std::string, UtcTime>, std::int64_t> next_;
};

std::string request_at_rest(const DecidedMessage& message, const security::Sealer& sealer) {
  const Incoming& incoming = *message.incoming;
  if (!message.sensitive || incoming.was_sealed()) return resting_json(incoming);
  Incoming closed = incoming;
  events::SealedContent content;
  content.recipient = closed.request.recipient;
  content.variables = closed.request.variables;
  closed.seal_context = closed.request.message_id;
  closed.sealed = sealer.seal(events::to_json(content), closed.seal_context);
  return resting_json(closed);
}

// Of a request that names nobody: the client's contact of when it is due gets it, whoever that is then.
std::string hash_of_named(const DecidedMessage& message) {
  return message.incoming->request.recipient.empty() ? std::string() : message.recipient_hash;
}

}  // namespace

void schedule(pg::Transaction& tx, std::span<const DecidedMessage* const> messages, const security::Sealer& sealer) {
  if (messages.empty()) return;
  DueTurns turns(tx, messages);
  pg::Array ids, times, priorities, places_in_turn, fair_keys, requests, places, sources, bodies, traces, hashes;
  pg::Array template_keys, channels;
  for (const DecidedMessage* message : messages) {
    ids.add(message->id);
    times.add(due_at(*message));
    priorities.add(static_cast<std::int64_t>(message->priority));
    places_in_turn.add(turns.next(*message));
    fair_keys.add(message->fair_key());
    requests.add(message->incoming->request.message_id);
    places.add(static_cast<std::int64_t>(message->place));
    sources.add(message->incoming->request.source);
    bodies.add_bytes(request_at_rest(*message, sealer));
    traces.add(message->incoming->traceparent);
    hashes.add(hash_of_named(*message));
    template_keys.add(message->entry->meta.key);
    channels.add(events::enum_name(message->channel()));
  }
  tx.run(orchestrator_sql::schedule_messages, pg::Params()
                                                  .add(std::move(ids))
                                                  .add(std::move(times))
                                                  .add(std::move(priorities))
                                                  .add(std::move(places_in_turn))
                                                  .add(std::move(fair_keys))
                                                  .add(std::move(requests))
                                                  .add(std::move(places))
                                                  .add(std::move(sources))
                                                  .add(std::move(bodies))
                                                  .add(std::move(traces))
                                                  .add(std::move(hashes))
                                                  .add(std::move(template_keys))
                                                  .add(std::move(channels)));
}

ScheduledMessage scheduled_from(const pqxx::row& row, const security::Sealer& sealer) {
  auto request = events::from_json<events::SendRequest>(pg::from_bytea(row["request"].as<std::string>()));
  if (!request) throw std::logic_error("a scheduled request can't be read: " + request.error().detail);
  Incoming closed{std::move(*request), {}, {}, row["traceparent"].as<std::string>(), true};
  auto incoming = opened(closed, sealer);
  ScheduledMessage message{row["message_id"].as<std::string>(), incoming ? std::move(*incoming) : std::move(closed)};
  if (!incoming) message.incoming.unreadable = incoming.error();
  message.incoming.request.message_id = row["request_id"].as<std::string>();
  message.incoming.only_place = row["place"].as<std::uint32_t>();
  return message;
}

std::vector<ScheduledMessage> take_scheduled(pg::Transaction& tx, UtcTime now, int messages_max,
                                             const security::Sealer& sealer) {
  std::vector<ScheduledMessage> taken;
  for (const auto& row : tx.run(orchestrator_sql::take_scheduled, pg::Params().add(now).add(messages_max)))
    taken.push_back(scheduled_from(row, sealer));
  return taken;
}

void remove_scheduled(pg::Transaction& tx, std::span<const ScheduledMessage> taken, UtcTime now) {
  pg::Array ids;
  for (const ScheduledMessage& message : taken) ids.add(message.message_id);
  tx.run(orchestrator_sql::remove_scheduled, pg::Params().add(std::move(ids)).add(now));
}

}  // namespace carillon::orchestrator
