// Hands committed rows to the consumers of the same process, which otherwise read back and decode what was encoded and
// written a moment before. Only a short cut: a row that isn't here, for whatever reason, is read from the table.
// Thread-safe.
#pragma once
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bus/record.hpp"

namespace carillon::bus {

// One row of a topic's table with its records, as committed.
struct CommittedRow {
  int partition = 0;
  std::int64_t base_seq = 0;
  UtcTime published_at{};
  std::vector<Record> records;
  std::int64_t next_seq() const { return base_seq + static_cast<std::int64_t>(records.size()); }
};

class Handover {
 public:
  static constexpr std::size_t topic_bytes_max = 16U << 20;  // above it the oldest rows go: they are in the table

  // The partitions that the process's consumer of the topic holds now; rows of others are not kept. Of two consumers of
  // one topic the last to say wins, the other reads the table.
  void hold(std::string_view topic_table, const std::set<int>& partitions);
  bool wanted(std::string_view topic_table, int partition) const;

  void put(std::string_view topic_table, CommittedRow&& row);
  // Rows that follow `next_seq` without a gap, up to `records_max` records and at most one row more; each goes to one
  // taker. Older ones are forgotten. `gap` tells that a later row is here: what is between has to be read.
  std::vector<CommittedRow> take(std::string_view topic_table, int partition, std::int64_t next_seq,
                                 std::size_t records_max, bool& gap);
  // The same, over gaps: for who reads what is missing from the table, and puts back what it could not use.
  std::vector<CommittedRow> take_over_gaps(std::string_view topic_table, int partition, std::int64_t next_seq,
                                           std::size_t records_max);

 private:
  struct Topic {
    std::size_t bytes = 0;
    std::map<int, std::deque<CommittedRow>> rows;  // of the partitions held, in the order of base_seq
  };
  static std::size_t bytes_of(const CommittedRow& row);
  static void drop_front(Topic& topic, std::deque<CommittedRow>& rows);
  static CommittedRow take_front(Topic& topic, std::deque<CommittedRow>& rows);
  // Of a partition held, without what `next_seq` has passed; nullptr when it is not held. Under the mutex.
  std::pair<Topic*, std::deque<CommittedRow>*> rows_from(std::string_view topic_table, int partition,
                                                         std::int64_t next_seq);

  mutable std::mutex mutex_;
  std::map<std::string, Topic, std::less<>> topics_;
};

}  // namespace carillon::bus
