// The offsets of one consumer of one topic, in a table of this shape:
//   bus_offsets (consumer, topic, partition, next_seq, next_offset), see fetched.hpp.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "bus/fetched.hpp"
#include "bus/topics.hpp"
#include "postgres/connection.hpp"
#include "postgres/errors.hpp"

namespace carillon::bus {

// Where the relays keep what the broker has acknowledged.
inline constexpr const char* relay_schema = "bus";
inline constexpr const char* relay_group = "relay";

struct OffsetMove {
  Position expected, next;
};

// Somebody else has moved the offsets: he must hold the partition by now.
struct OffsetsMoved : pg::Conflict {
  using pg::Conflict::Conflict;
};

class Offsets {
 public:
  // Throws std::invalid_argument for a schema name that isn't a plain identifier.
  Offsets(const std::string& schema, std::string consumer, const Topic& topic);
  // Makes the rows of all partitions where missing, so that retention knows this consumer even where it has read
  // nothing.
  void ensure(pg::Connection& connection, int partitions);
  Positions read(pg::Connection& connection, const std::set<int>& partitions);
  // Throws OffsetsMoved when one of them is not where it was expected. Roll back then.
  void advance(pg::Transaction& tx, const std::map<int, OffsetMove>& moves);

 private:
  pg::Query query(std::string& name, std::string& text) const { return {name.c_str(), text.c_str()}; }
  const std::string consumer_, topic_;
  std::string ensure_name_, ensure_text_, read_name_, read_text_, advance_name_, advance_text_;
};

}  // namespace carillon::bus
