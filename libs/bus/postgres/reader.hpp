// Reads record batches of one topic in seq order. Not thread-safe.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <vector>

#include "bus/record.hpp"
#include "bus/topics.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

// One record, or the raw bytes of a row whose framing can't be read (then it stands for all records up to next_seq).
struct Fetched {
  std::vector<Received> records;
  std::vector<std::int64_t> next_seqs;  // the offset after each
  std::vector<bool> corrupt;
  bool empty() const { return records.empty(); }
};

struct FetchBounds {
  std::size_t records_max;  // per partition, plus at most what is left of a row
  std::size_t bytes_max;    // per partition, plus at most one row
};

class Reader {
 public:
  Reader(const Topic& topic, FetchBounds bounds) : topic_(topic), bounds_(bounds) {}
  // What follows each partition's offset, partition after partition. One round trip.
  Fetched fetch(pg::Connection& connection, const std::map<int, std::int64_t>& next_seqs);
  // The seq after the newest record of each partition.
  std::map<int, std::int64_t> heads(pg::Connection& connection, const std::vector<int>& partitions);

 private:
  Topic topic_;
  FetchBounds bounds_;
  int rows_max_ = rows_max_start;  // follows how many rows are needed to fill an answer
  static constexpr int rows_max_start = 16;
};

}  // namespace carillon::bus
