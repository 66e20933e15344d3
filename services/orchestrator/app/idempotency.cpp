#include "orchestrator/app/idempotency.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {

std::set<std::string> claim_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> claims, UtcTime now) {
  if (claims.empty()) return {};
  pg::Array sources, keys, hashes, ids, counts, times;
  for (const IdempotencyClaim* claim : claims) {
    sources.add(claim->source);
    keys.add(claim->key);
    hashes.add_bytes(claim->body_hash);
    ids.add(claim->message_id);
    counts.add(static_cast<std::int64_t>(claim->message_count));
    times.add(claim->accepted_at);
  }
  const auto rows = tx.run(orchestrator_sql::claim_idempotency_keys, pg::Params()
                                                                         .add(std::move(sources))
                                                                         .add(std::move(keys))
                                                                         .add(std::move(hashes))
                                                                         .add(std::move(ids))
                                                                         .add(std::move(counts))
                                                                         .add(std::move(times))
                                                                         .add(now - idempotency_retention));
  std::set<std::string> claimed;
  for (const auto& row : rows) claimed.insert(row[0].as<std::string>());
  return claimed;
}

std::map<std::size_t, IdempotencyClaim> find_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> pairs,
                                                  UtcTime now) {
  if (pairs.empty()) return {};
  pg::Array sources, keys;
  for (const IdempotencyClaim* pair : pairs) {
    sources.add(pair->source);
    keys.add(pair->key);
  }
  const auto rows = tx.run(orchestrator_sql::find_idempotency_keys,
                           pg::Params().add(std::move(sources)).add(std::move(keys)).add(now - idempotency_retention));
  std::map<std::size_t, IdempotencyClaim> found;
  for (const auto& row : rows) {
    IdempotencyClaim claim;
    claim.body_hash = pg::from_bytea(row["body_hash"].as<std::string>());
    claim.message_id = row["message_id"].as<std::string>();
    claim.message_count = row["message_count"].as<std::int32_t>();
    found.emplace(row["ordinal"].as<std::size_t>() - 1, std::move(claim));
  }
  return found;
}

}  // namespace carillon::orchestrator
