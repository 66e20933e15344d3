// The IANA names of time zones, as the database's server knows them. Read once. Thread-safe.
#pragma once
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "postgres/connection.hpp"

namespace carillon::provisioning {

class TimeZones {
 public:
  // Blocks on the database the first time.
  bool knows(std::string_view name, pg::Transaction& tx);

 private:
  std::mutex mutex_;
  std::set<std::string, std::less<>> names_;  // guarded by mutex_; empty: not read yet
};

}  // namespace carillon::provisioning
