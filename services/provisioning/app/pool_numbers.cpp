#include "provisioning/app/pool_numbers.hpp"

#include "postgres/errors.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"

namespace carillon::provisioning {
namespace {

constexpr const char* before_allocation = "before_allocation";

void audit(bus::Outbox& out, const Client& client, AllocationReason reason, const std::string& actor, UtcTime now) {
  AuditFacts facts{"NUMBER_ALLOCATION", actor, "client", client.id, client.id};
  facts.outcome = reason == AllocationReason::ALLOCATED ? "OK" : "REFUSED";
  facts.reason = name(reason);
  publish_audit(out, std::move(facts), now);
}

Allocation take(pg::Transaction& tx, const Client& client, UtcTime now) {
  const pg::Params params = pg::Params().add(client.id).add(now);
  auto rows = tx.run(provisioning_sql::take_own_number, params);
  if (rows.empty()) rows = tx.run(provisioning_sql::take_available_number, params);
  if (rows.empty()) {
    tx.run(provisioning_sql::wait_for_number, params);
    return {AllocationReason::POOL_EMPTY, {}};
  }
  tx.run(provisioning_sql::stop_waiting_for_number, pg::Params().add(client.id));
  return {AllocationReason::ALLOCATED, rows[0][0].c_str()};
}

}  // namespace

Allocation allocate_number(pg::Transaction& tx, bus::Outbox& out, PoolLog& log, Client& client,
                           const std::string& actor, UtcTime now) {
  if (!client.twilio_number.empty()) return {AllocationReason::ALREADY_ASSIGNED, client.twilio_number};
  Allocation allocation;
  tx.savepoint(before_allocation);
  try {
    allocation = take(tx, client, now);
  } catch (const pg::StatementError& error) {
    tx.rollback_to(before_allocation);
    log.add({.event = "POOL_ALLOCATION_ERROR",
             .client_id = client.id,
             .owner_phone = client.owner_phone,
             .at = now,
             .error = error.what()});
  }
  audit(out, client, allocation.reason, actor, now);
  if (allocation.reason == AllocationReason::POOL_EMPTY)
    log.add({.event = "POOL_EMPTY", .client_id = client.id, .owner_phone = client.owner_phone, .at = now});
  if (allocation.reason != AllocationReason::ALLOCATED) return allocation;
  client.twilio_number = allocation.phone_e164;
  log.add({.event = "POOL_ALLOCATION_SUCCESS", .client_id = client.id, .owner_phone = client.owner_phone, .at = now});
  log.add({.event = "NUMBER_ALLOCATED",
           .client_id = client.id,
           .owner_phone = client.owner_phone,
           .at = now,
           .phone_e164 = allocation.phone_e164});
  return allocation;
}

std::vector<std::string> add_pool_numbers(pg::Transaction& tx, std::span<const std::string> numbers, UtcTime now) {
  pg::Array wanted;
  for (const std::string& number : numbers) wanted.add(number);
  std::vector<std::string> added;
  for (const auto& row : tx.run(provisioning_sql::add_pool_numbers, pg::Params().add(std::move(wanted)).add(now)))
    added.emplace_back(row[0].c_str());
  return added;
}

PoolFigures count_pool_numbers(pg::Transaction& tx) {
  const auto rows = tx.run(provisioning_sql::count_pool_numbers);
  return {{rows[0][0].as<std::int64_t>(), rows[0][1].as<std::int64_t>(), rows[0][2].as<std::int64_t>()},
          rows[0][3].as<std::int64_t>()};
}

bool is_pool_number(pg::Transaction& tx, const std::string& number) {
  return tx.run(provisioning_sql::is_pool_number, pg::Params().add(number))[0][0].as<bool>();
}

}  // namespace carillon::provisioning
