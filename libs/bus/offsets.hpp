// The offsets of one consumer of one topic in its service's schema.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "bus/topics.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

struct OffsetMove {
  std::int64_t expected;
  std::int64_t next;
};

class Offsets {
 public:
  // Throws std::invalid_argument for a schema name that isn't a plain identifier.
  Offsets(const std::string& schema, std::string consumer, const Topic& topic);
  // Makes the rows of all partitions where missing, so that retention knows this consumer even where it has read
  // nothing.
  void ensure(pg::Connection& connection, int partitions);
  std::map<int, std::int64_t> read(pg::Connection& connection, const std::set<int>& partitions);
  // False when one of them is not where it was expected: somebody else has taken the partition. Roll back then.
  bool advance(pg::Transaction& tx, const std::map<int, OffsetMove>& moves);

 private:
  pg::Query query(std::string& name, std::string& text) const { return {name.c_str(), text.c_str()}; }
  const std::string consumer_, topic_;
  std::string ensure_name_, ensure_text_, read_name_, read_text_, advance_name_, advance_text_;
};

}  // namespace carillon::bus
