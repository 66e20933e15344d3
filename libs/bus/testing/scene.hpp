// Shared by the suite's cases: publishing, waiting for the database, child processes.
#pragma once
#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "bus/testing/harness.hpp"
#include "bus/testing/recording_handler.hpp"

namespace carillon::bus::testing {

inline constexpr Topic test_topic = topics::send_requests;
inline constexpr const char* test_group = "conformance";

Record numbered(const std::string& key, int n, std::size_t value_bytes = 32);
ConsumerSettings consumer_settings();

// Publishes in one transaction, commits and wakes.
void publish(Bus& bus, pg::Connection& connection, std::vector<Record> records, const Topic& topic = test_topic);
// `keys` keys with `per_key` numbered records each, in batches.
void publish_many(Bus& bus, pg::Connection& connection, int keys, int per_key, const std::string& prefix = "key");

// Asks until it holds, or until the SQL says true, listening for the handlers' notifications in between; false after 30
// s.
bool eventually(pg::Connection& connection, const std::function<bool()>& holds);
bool eventually(pg::Connection& connection, const std::string& sql);
bool eventually_seen(pg::Connection& connection, int records);
// Every record of publish_many came exactly once and in its key's order; in the second also with seqs rising within
// each partition.
void check_exactly_once_per_key(pg::Connection& connection, int records);
void check_exactly_once_in_order(pg::Connection& connection, int records);

// A process that runs run_child(). Killed when destroyed.
class Child {
 public:
  explicit Child(const Harness& harness);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  void signal(int number) const;
  void kill();

 private:
  pid_t pid_;
};

}  // namespace carillon::bus::testing
