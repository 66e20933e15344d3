#include "provisioning/app/manage_pool.hpp"

#include <algorithm>

#include "postgres/errors.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"
#include "service/failpoint.hpp"

namespace carillon::provisioning {

ManagePool::ManagePool(pg::Pool& pool, bus::Bus& bus, const Clock& clock, PoolMetrics& metrics, std::string own_number,
                       std::function<void()> changed)
    : pool_(pool),
      bus_(bus),
      clock_(clock),
      metrics_(metrics),
      own_number_(std::move(own_number)),
      changed_(std::move(changed)) {}

Allocation ManagePool::allocate(const std::string& client_id, const std::string& actor) {
  Allocation allocation;
  try {
    allocation = allocate_once(client_id, actor);
  } catch (const pg::StatementError& error) {  // the number became another client's in between, say
    PoolLog log;
    log.add({.event = "POOL_ALLOCATION_ERROR", .client_id = client_id, .at = clock_.now(), .error = error.what()});
    log.write();
  }
  metrics_.allocated(allocation.reason);
  if (allocation.reason == AllocationReason::ALLOCATED || allocation.reason == AllocationReason::POOL_EMPTY) changed_();
  return allocation;
}

Allocation ManagePool::allocate_once(const std::string& client_id, const std::string& actor) {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  PoolLog log;
  const UtcTime now = clock_.now();
  auto client = find_client(tx, client_id, Lock::FOR_UPDATE);
  if (!client || client->deleted) return {AllocationReason::CLIENT_NOT_FOUND, {}};
  const Allocation allocation = allocate_number(tx, out, log, *client, actor, now);
  if (allocation.reason == AllocationReason::ALLOCATED) update_client(tx, out, *client, now);
  failpoint("provisioning.allocate.before_commit");
  bus_.commit(out, tx);
  bus_.wake(out);
  log.write();
  return allocation;
}

AddedNumbers ManagePool::add(const std::vector<std::string>& numbers, const std::string& actor) {
  AddedNumbers result;
  result.read = read_pool_numbers(numbers, own_number_);
  if (result.read.valid.empty()) return result;
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  bus::Outbox out;
  const UtcTime now = clock_.now();
  result.added = add_pool_numbers(tx, result.read.valid, now).size();
  result.known = result.read.valid.size() - result.added;
  AuditFacts facts{"NUMBER_POOL_NUMBERS_ADDED", actor, "number_pool", "number_pool"};
  facts.outcome = "OK";
  facts.details = {{"added", std::to_string(result.added)},
                   {"known", std::to_string(result.known)},
                   {"refused", std::to_string(result.read.refused.size())}};
  publish_audit(out, std::move(facts), now);
  bus_.commit(out, tx);
  bus_.wake(out);
  if (result.added > 0) changed_();
  return result;
}

PoolFigures ManagePool::figures() {
  auto connection = pool_.take();
  pg::Transaction tx(*connection);
  return count_pool_numbers(tx);
}

std::vector<WaitingClient> ManagePool::waiting(int limit) {
  auto connection = pool_.take();
  std::vector<WaitingClient> clients;
  for (const auto& row : connection->run(provisioning_sql::list_waiting_clients,
                                         pg::Params().add(std::clamp(limit, 1, pool_list_rows_max))))
    clients.push_back({row[0].c_str(), pg::to_utc(row[1].c_str()), row[2].c_str(), row[3].c_str(), row[4].c_str(),
                       row[5].as<bool>()});
  return clients;
}

std::vector<RecentNumber> ManagePool::recent(int limit) {
  auto connection = pool_.take();
  std::vector<RecentNumber> numbers;
  for (const auto& row : connection->run(provisioning_sql::list_recent_numbers,
                                         pg::Params().add(std::clamp(limit, 1, pool_list_rows_max))))
    numbers.push_back({row[0].c_str(), row[1].c_str(), pg::to_utc(row[2].c_str()), row[3].c_str()});
  return numbers;
}

}  // namespace carillon::provisioning
