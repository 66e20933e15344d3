// Reads record batches of one topic in seq order. Not thread-safe.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "bus/fetched.hpp"
#include "bus/postgres/handover.hpp"
#include "bus/record.hpp"
#include "bus/topics.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

struct FetchBounds {
  std::size_t records_max;  // per partition, plus at most what is left of a row; as many again from memory
  std::size_t bytes_max;    // per partition, plus at most one row
};

class Reader {
 public:
  Reader(const Topic& topic, FetchBounds bounds) : topic_(topic), bounds_(bounds) {}
  // What follows each partition's offset, partition after partition. One round trip.
  Fetched fetch(pg::Connection& connection, const std::map<int, std::int64_t>& next_seqs);
  // The same, but what this process has just committed comes from memory, and from the table what is between.
  Fetched fetch(pg::Connection& connection, Handover& handover, const std::map<int, std::int64_t>& next_seqs);
  // Only from memory; whether the table has to be asked for what is between.
  Fetched take(Handover& handover, const std::map<int, std::int64_t>& next_seqs, bool& gap) const;
  // See Bus::read_back.
  static std::vector<std::optional<Record>> read_back(const Topic& topic, std::span<const Place> places,
                                                      pg::Transaction& tx);
  // The seq after the newest record of each partition.
  std::map<int, std::int64_t> heads(pg::Connection& connection, const std::vector<int>& partitions);

 private:
  using Rows = std::map<int, std::vector<CommittedRow>>;  // by partition
  Fetched fetch_around(pg::Connection& connection, Rows& handed, const std::map<int, std::int64_t>& next_seqs);
  Topic topic_;
  FetchBounds bounds_;
  int rows_max_ = rows_max_start;  // follows how many rows are needed to fill an answer
  static constexpr int rows_max_start = 16;
};

}  // namespace carillon::bus
