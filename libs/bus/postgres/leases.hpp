// Which partitions of a topic this instance of a group holds. A partition is held by a session advisory lock, so it is
// free again when the session ends, whatever ends it. Uses the consumer's session; one thread.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "bus/topics.hpp"
#include "postgres/connection.hpp"

namespace carillon::bus {

// A STANDBY holds partitions only while no member of rank FIRST is there.
enum class Rank { FIRST, STANDBY };

class Leases {
 public:
  Leases(std::string group, const Topic& topic, int partitions, Rank rank = Rank::FIRST);
  // Looks how many members of its rank the group has, gives back what is above the fair share (rounded up) and takes
  // what is free up to it. True when the held set changed.
  bool refresh(pg::Connection& session);
  const std::set<int>& held() const { return held_; }
  void forget();                   // the session is gone and with it the locks
  void clear() { held_.clear(); }  // the session was closed on purpose

 private:
  int fair_share(pg::Connection& session) const;
  void take(pg::Connection& session, int wanted);
  void give_back(pg::Connection& session, int excess);
  const std::string group_;
  const Topic topic_;
  const int partitions_;
  const Rank rank_;
  std::set<int> held_;
  std::uint64_t joined_epoch_ = 0;
};

}  // namespace carillon::bus
