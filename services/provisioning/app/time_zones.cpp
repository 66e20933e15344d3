#include "provisioning/app/time_zones.hpp"

#include "provisioning_sql.hpp"

namespace carillon::provisioning {

bool TimeZones::knows(std::string_view name, pg::Transaction& tx) {
  const std::lock_guard lock(mutex_);
  if (names_.empty())
    for (const auto& row : tx.run(provisioning_sql::read_time_zones)) names_.insert(row[0].c_str());
  return names_.contains(name);
}

}  // namespace carillon::provisioning
