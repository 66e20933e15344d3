// What operators do with the number pool: give a client a number, add numbers, look. Each change is one transaction
// with its audit entries.
//
// Thread-safe; blocks on the database. Throws pg::Unavailable or pg::Conflict (the same may succeed at once).
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/pool.hpp"
#include "provisioning/app/pool_metrics.hpp"
#include "provisioning/app/pool_numbers.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

struct WaitingClient {
  std::string client_id;
  UtcTime since{};
  std::string business_name, owner_phone, onboarding_state;
  bool payment_active = false;
};

struct RecentNumber {
  std::string phone_e164, client_id;
  UtcTime assigned_at{};
  std::string business_name;
};

struct AddedNumbers {
  std::size_t added = 0, known = 0;
  PoolNumbers read;
};

inline constexpr int pool_list_rows_max = 500;

class ManagePool {
 public:
  // `own_number`: the platform's. `changed` is called after each change of the pool; it must not block.
  ManagePool(pg::Pool& pool, bus::Bus& bus, const Clock& clock, PoolMetrics& metrics, std::string own_number,
             std::function<void()> changed);

  Allocation allocate(const std::string& client_id, const std::string& actor);
  // What is no number is left out, and said; the others are added.
  AddedNumbers add(const std::vector<std::string>& numbers, const std::string& actor);
  PoolFigures figures();
  std::vector<WaitingClient> waiting(int limit);  // the longest first
  std::vector<RecentNumber> recent(int limit);    // given last first

 private:
  Allocation allocate_once(const std::string& client_id, const std::string& actor);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  PoolMetrics& metrics_;
  const std::string own_number_;
  const std::function<void()> changed_;
};

}  // namespace carillon::provisioning
