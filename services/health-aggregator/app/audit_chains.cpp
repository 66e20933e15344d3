#include "health-aggregator/app/audit_chains.hpp"

#include "health_sql.hpp"

namespace carillon::health {

std::vector<AuditChainEnd> read_audit_chain_ends(pg::Connection& connection) {
  std::vector<AuditChainEnd> ends;
  for (const auto& row : connection.run(health_sql::audit_chain_ends)) {
    AuditChainEnd end{row["partition"].as<int>(), row["chain_seq"].as<std::int64_t>(),
                      pg::to_utc(row["occurred_at"].c_str())};
    if (!row["signed_seq"].is_null()) {
      end.signed_seq = row["signed_seq"].as<std::int64_t>();
      end.signed_at = pg::to_utc(row["signed_at"].c_str());
      end.signature = row["signature"].c_str();
    }
    if (!row["cut_seq"].is_null()) end.cut_seq = row["cut_seq"].as<std::int64_t>();
    ends.push_back(std::move(end));
  }
  return ends;
}

}  // namespace carillon::health
