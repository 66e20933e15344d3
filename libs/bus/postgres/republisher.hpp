// Republisher on the topic's table; of both engines. A day is left behind in three steps, each a commit of its own: the
// latest records of the keys that have them there are published again; then the owner's place among the topic's
// consumers moves past it; then maintain_bus may drop it, sees that place and does. So whoever reads from any row that
// is left on finds every key, whatever dies in between.
#pragma once
#include <cstdint>
#include <string>
#include <thread>
#include <unordered_map>

#include "bus/bus.hpp"
#include "bus/offsets.hpp"
#include "bus/postgres/reader.hpp"
#include "bus/retry_pause.hpp"

namespace carillon::bus {

class PostgresBus;

class PostgresRepublisher final : public Republisher {
 public:
  PostgresRepublisher(PostgresBus& bus, const Topic& topic, const std::string& offsets_schema);
  ~PostgresRepublisher() override { stop(); }
  void start() override;
  void stop() override;
  std::size_t look() override;

 private:
  // Of one partition: up to which seq every key's latest record is known.
  struct Latest {
    int partition = 0;
    std::int64_t next_seq = 0;
    std::unordered_map<std::string, std::int64_t> seqs{};  // by key
  };
  void run();
  std::map<int, OffsetMove> due();
  std::size_t republish(int partition, std::int64_t before_seq);
  void read_on(Latest& latest);
  std::size_t publish_again(std::vector<Received> records, Latest& latest);

  PostgresBus& bus_;
  const Topic topic_;
  const std::string due_name_, due_text_;
  pg::Connection work_;   // transactions, and the lock by which one instance at a time is at it
  pg::Connection table_;  // reads while a transaction holds up the topic's publishers
  Offsets offsets_;
  Reader reader_;
  RetryPause pause_;
  std::thread thread_;
};

}  // namespace carillon::bus
