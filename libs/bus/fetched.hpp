// Records on their way from an engine to a handler, and where a consumer stands after each.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "bus/record.hpp"

namespace carillon::bus {

inline constexpr std::int64_t as_before = -1;

// Where a consumer stands in a partition: the next seq of the outbox table and, on Kafka, the next offset of the topic.
// Both move together, so a platform can go over from one engine to the other. next_seq 0: nothing read yet, whatever
// comes first is right.
// next_offset -1: not known, from the beginning. In what a record does to a position -1 stands for "as before": a
// record that another team produced has no seq, one that was read from the table no offset.
struct Position {
  std::int64_t next_seq = as_before;
  std::int64_t next_offset = as_before;
  bool operator==(const Position&) const = default;
  // What is stored once a record that leads to `after` has been consumed.
  Position moved_to(const Position& after) const {
    return {after.next_seq == as_before ? next_seq : after.next_seq,
            after.next_offset == as_before ? next_offset : after.next_offset};
  }
};

using Positions = std::map<int, Position>;  // by partition

// One record, or the raw bytes of a row whose framing can't be read (then it stands for all records up to `after`).
struct Fetched {
  std::vector<Received> records;
  std::vector<Position> after;
  std::vector<bool> corrupt;
  std::size_t at = 0;  // the first that is not consumed yet
  bool cut = false;    // by a bound: there may be more

  bool empty() const { return records.empty(); }
  bool consumed() const { return at == records.size(); }
  void add(Received&& received, Position after_it, bool is_corrupt = false) {
    records.push_back(std::move(received));
    after.push_back(after_it);
    corrupt.push_back(is_corrupt);
  }
};

}  // namespace carillon::bus
