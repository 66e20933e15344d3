// Dead letters as people deal with them: how many there are, and how one goes back to its topic.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "bus/record.hpp"
#include "bus/topics.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

struct DeadLetters {
  Topic topic;  // the dead-letter topic
  int partition = 0;
  std::int64_t records = 0;
  std::int64_t next_seq = 0;  // behind the newest one
  UtcTime newest_at{};
};

// Of all topics and partitions that hold some, in the order of topics::all. One statement; the connection's role has to
// be allowed to read them all.
std::vector<DeadLetters> count_dead_letters(pg::Connection& connection);

bool is_dead_letter_topic(std::string_view name);
// The topic a dead-letter topic belongs to.
Topic topic_of_dead_letters(const Topic& letters);

// Why publishing it again can't help; "" when it can.
std::string_view replay_obstacle(const Received& letter);
// The record as it was before it became a dead letter.
Record record_of(const Received& letter);

}  // namespace carillon::bus
