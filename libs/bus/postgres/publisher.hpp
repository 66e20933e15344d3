// Writes an outbox into the topics' tables inside the caller's transaction. Thread-safe.
#pragma once
#include <atomic>
#include <cstdint>

#include "bus/outbox.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

class Publisher {
 public:
  explicit Publisher(int partitions) : partitions_(partitions) {}
  // Takes the publish locks of every (topic, partition) concerned, which last until the transaction ends, then assigns
  // seqs and inserts; then commits, if so asked. A statement for the locks and one for each topic, in one round trip.
  void publish(Outbox& out, pg::Transaction& tx, bool commit);

 private:
  const int partitions_;
  std::atomic<std::uint32_t> next_without_key_{0};
};

}  // namespace carillon::bus
