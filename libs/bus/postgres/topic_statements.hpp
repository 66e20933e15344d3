// The statements that name a topic's table, composed once per process from the closed list of topics.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "bus/topics.hpp"
#include "postgres/query.hpp"

namespace carillon::bus {

struct TopicStatements {
  pg::Query
      append;  // $1 partitions, $2 records of earlier rows of the partition in this statement, $3 counts, $4 batches
  pg::Query fetch;      // $1 partitions, $2 next seqs, $3 rows, $4 records, $5 bytes, each at most per partition
  pg::Query heads;      // $1 partitions -> partition, seq after the newest record
  pg::Query read_back;  // $1 partitions, $2 seqs: the rows that hold them
};

// Throws std::invalid_argument for a topic that is not in topics.hpp.
const TopicStatements& statements_of(const Topic& topic);

// Keys of advisory locks. Publishing uses positive ones, leases negative ones, so they never meet.
std::int32_t publish_lock_key(const Topic& topic);
std::int32_t lease_lock_key(std::string_view group, const Topic& topic);
std::int64_t group_lock_key(std::string_view group, const Topic& topic);

}  // namespace carillon::bus
