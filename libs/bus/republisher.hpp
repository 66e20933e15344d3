// Keeps a state topic whole; whoever owns the topic runs it. Days of the topic's table are dropped once they are old,
// and a key may have its latest record there: before that those records are published again, as they are.
//
// A day is left behind in three steps, each a commit of its own: the latest records of the keys that have them there
// are published again; then the owner's place among the topic's consumers moves past it; then maintain_bus may drop it,
// sees that place and does. So whoever reads from any row that is left on finds every key, whatever dies in between.
//
// Of both engines: the broker compacts its topic itself, the outbox's table is what this is about. Looks every hour, on
// its own thread and connections; several instances may.
#pragma once
#include <chrono>
#include <map>
#include <string>
#include <thread>
#include <unordered_map>

#include "bus/bus.hpp"
#include "bus/offsets.hpp"
#include "bus/postgres/reader.hpp"
#include "bus/retry_pause.hpp"

namespace carillon::bus {

struct RepublisherSettings {
  pg::ConnectionSettings connection;  // with the owner's role
  Topic topic;
  std::string offsets_schema;  // the owner's; its bus_offsets hold up to where the topic may be dropped
  std::chrono::hours retention{72};
};

class Republisher {
 public:
  Republisher(Bus& bus, RepublisherSettings settings);
  ~Republisher() { stop(); }
  void start();
  void stop();
  // Looks now, while it is not started; how many records were published again. Throws what the database throws: what is
  // missing then is published the next time, and until then nothing is dropped.
  std::size_t look();

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

  Bus& bus_;
  const RepublisherSettings settings_;
  const std::string due_name_, due_text_;
  pg::Connection work_;   // transactions, and the lock by which one instance at a time is at it
  pg::Connection table_;  // reads while a transaction holds up the topic's publishers
  Offsets offsets_;
  Reader reader_;
  RetryPause pause_;
  std::thread thread_;
};

}  // namespace carillon::bus
