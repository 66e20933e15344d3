// The bus as services see it. Two engines stand behind it (PostgreSQL tables; Kafka) and pass one conformance suite
// (bus/testing/conformance.hpp). Thread-safe unless a line says otherwise.
//
// Consumer loop:  poll a batch → begin → handler → publish → advance offsets where they still equal what was read →
// commit. Offsets live in the service's schema (table <schema>.bus_offsets), in the same transaction as its state.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "bus/outbox.hpp"
#include "bus/record.hpp"
#include "bus/topics.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

// What a consumer does with a batch. All calls come from the consumer's one thread.
class Handler {
 public:
  virtual ~Handler() = default;
  // Decide, write state through `tx`, publish through `out`. No waiting on anything but the database.
  // A record that can't be handled goes to out.dead_letter(). When this throws pg::Unavailable or pg::Conflict the
  // batch is rolled back and tried again (with a growing pause, 10 ms to 1 s). Any other exception is taken for
  // deterministic: the batch is bisected until the bad record stands alone, and that record goes to the dead-letter
  // topic (reason HANDLER_FAILED), the rest through. After any exception rolled_back() is called.
  virtual void handle(std::span<const Received> batch, pg::Transaction& tx, Outbox& out) = 0;
  virtual void committed() {}    // the transaction of the last handle() is committed: start what depends on it
  virtual void rolled_back() {}  // forget what the last handle() prepared
  // Called between batches at least every idle_tick, also when nothing arrives; may use its own connections.
  virtual void tick() {}
  // Back-pressure: while false nothing is polled.
  virtual bool ready() { return true; }
};

struct ConsumerSettings {
  std::string group;  // e.g. "orchestrator"; partitions are shared among the instances of a group
  Topic topic;
  std::string offsets_schema;  // schema whose bus_offsets table holds the offsets
  std::size_t batch_records_max = 500;
  std::size_t batch_bytes_max = 8 * 1024 * 1024;
  std::chrono::milliseconds idle_tick{1'000};
  std::chrono::milliseconds poll_interval{50};  // upper bound of the latency when a wake-up is missed
  // Unless the last batch was full the next one starts this long after it at the earliest: for work that may wait a
  // little and is much cheaper in large batches.
  std::chrono::milliseconds linger{0};
  // false: commits don't wait for the disk. A database that crashes then forgets the last of them, offsets, state and
  // records together, and the batches are handled again. For handlers whose committed() starts nothing outside the
  // database: whatever follows waits for its own commit, and the log is written in order.
  bool wait_for_disk = true;
};

// A running consumer with its own thread and connections. start() returns at once; stop() finishes the current batch,
// gives the partitions back and joins (bounded by the statement time-out). Destroying it stops it.
class Consumer {
 public:
  virtual ~Consumer() = default;
  virtual void start() = 0;
  virtual void stop() = 0;
  virtual bool healthy() const = 0;  // made progress, or found nothing to do, in the last 10 s
};

// Reads all partitions of a state topic from the beginning, without a group, and goes on reading; for caches.
// `on_record` runs on the broadcast's thread, per key in order; it must not throw (a record it can't use it logs).
class Broadcast {
 public:
  virtual ~Broadcast() = default;
  virtual void start() = 0;
  virtual void stop() = 0;
  virtual bool caught_up() const = 0;  // has once reached the end that was there at start
};

class Bus {
 public:
  virtual ~Bus() = default;
  // The transaction's last act before commit: takes the publish locks in sorted order, assigns seqs, writes the rows.
  virtual void flush(Outbox& out, pg::Transaction& tx) = 0;
  virtual void commit(Outbox& out, pg::Transaction& tx) = 0;  // flush and COMMIT in one round trip
  // After commit: wakes consumers of the topics in this process and, coalesced, in others. The records may be moved out
  // of `out`, to hand them on.
  virtual void wake(Outbox& out) = 0;
  virtual std::unique_ptr<Consumer> consume(ConsumerSettings settings, Handler& handler) = 0;
  virtual std::unique_ptr<Broadcast> broadcast(const Topic& topic, std::function<void(const Received&)> on_record) = 0;
  // Records of a topic for people (dead letters, debugging), from `after_seq` exclusive, oldest first, all partitions.
  virtual std::vector<Received> peek(const Topic& topic, int partition, std::int64_t after_seq,
                                     std::size_t records_max) = 0;
  // The records at these places, in their order; nothing where the topic no longer has one. For state that refers to a
  // record instead of copying it: a row of the view <schema>.bus_holds (like bus_offsets) keeps a topic's day from
  // being dropped.
  virtual std::vector<std::optional<Record>> read_back(const Topic& topic, std::span<const Place> places,
                                                       pg::Transaction& tx) = 0;
  virtual int partitions() const = 0;
};

}  // namespace carillon::bus
