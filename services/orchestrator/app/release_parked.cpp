#include "orchestrator/app/release_parked.hpp"

#include <stdexcept>

#include "orchestrator_sql.hpp"
#include "service/failpoint.hpp"

namespace carillon::orchestrator {
namespace {

constexpr int parked_batch_max = 500;

}  // namespace

Incoming parked_from(const pqxx::row& row, const security::Sealer& sealer) {
  auto request = events::from_json<events::SendRequest>(pg::from_bytea(row["request"].as<std::string>()));
  if (!request) throw std::logic_error("a parked request can't be read: " + request.error().detail);
  Incoming closed{std::move(*request), {}, {}, row["traceparent"].as<std::string>(), true};
  auto open = opened(closed, sealer);
  Incoming incoming = open ? std::move(*open) : std::move(closed);
  if (!open) incoming.unreadable = open.error();
  incoming.request.message_id = row["message_id"].as<std::string>();
  return incoming;
}

bool release_parked(pg::Connection& connection, bus::Bus& bus, const Facts& facts, const DecideRequests& decide,
                    UtcTime now) {
  const auto parked = connection.run(orchestrator_sql::find_parked, pg::Params().add(now).add(parked_batch_max));
  if (parked.empty()) return false;
  pg::Array ids;
  for (const auto& row : parked) {
    const bool known =
        facts.clients.version_of(row["client_id"].as<std::string>()) >= row["min_client_version"].as<std::int64_t>();
    if (known || row["due"].as<bool>()) ids.add(row["message_id"].as<std::string>());
  }
  if (ids.size() == 0) return true;
  pg::Transaction tx(connection);
  std::vector<Incoming> requests;
  for (const auto& row : tx.run(orchestrator_sql::take_parked, pg::Params().add(std::move(ids))))
    requests.push_back(parked_from(row, facts.sealer));
  if (requests.empty()) return true;
  bus::Outbox out;
  decide(requests, tx, out, now);
  bus.flush(out, tx);
  failpoint("orchestrator.release.before_commit");
  tx.commit();
  failpoint("orchestrator.release.after_commit");
  bus.wake(out);
  return true;
}

}  // namespace carillon::orchestrator
