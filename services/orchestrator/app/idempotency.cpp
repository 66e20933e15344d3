#include "orchestrator/app/idempotency.hpp"

#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {

using Of = pg::BinaryArray::Of;

std::unordered_set<std::string_view> claim_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> claims,
                                                UtcTime now) {
  if (claims.empty()) return {};
  pg::BinaryArray sources(Of::TEXT), keys(Of::TEXT), hashes(Of::BYTEA), ids(Of::UUID), counts(Of::INT4),
      times(Of::TIMESTAMPTZ);
  std::unordered_set<std::string_view> claimed;
  claimed.reserve(claims.size());
  for (const IdempotencyClaim* claim : claims) {
    sources.add(std::string_view{claim->source});
    keys.add(std::string_view{claim->key});
    hashes.add(std::string_view{claim->body_hash});
    ids.add(std::string_view{claim->message_id});
    counts.add(claim->message_count);
    times.add(claim->accepted_at);
    claimed.insert(claim->message_id);
  }
  const pg::BinaryRows fresh =
      tx.run_binary(orchestrator_sql::claim_idempotency_keys, pg::Params()
                                                                  .add(std::move(sources))
                                                                  .add(std::move(keys))
                                                                  .add(std::move(hashes))
                                                                  .add(std::move(ids))
                                                                  .add(std::move(counts))
                                                                  .add(std::move(times))
                                                                  .add(now - idempotency_retention));
  if (static_cast<std::size_t>(fresh.size()) == claims.size()) return claimed;
  std::unordered_set<std::string> fresh_ids;
  for (int row = 0; row < fresh.size(); ++row) fresh_ids.insert(fresh.uuid(row, 0));
  std::erase_if(claimed, [&](std::string_view id) { return !fresh_ids.contains(std::string(id)); });
  return claimed;
}

std::vector<std::optional<StandingClaim>> find_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> pairs,
                                                    UtcTime now) {
  std::vector<std::optional<StandingClaim>> found(pairs.size());
  if (pairs.empty()) return found;
  pg::BinaryArray sources(Of::TEXT), keys(Of::TEXT);
  for (const IdempotencyClaim* pair : pairs) {
    sources.add(std::string_view{pair->source});
    keys.add(std::string_view{pair->key});
  }
  const pg::BinaryRows rows =
      tx.run_binary(orchestrator_sql::find_idempotency_keys,
                    pg::Params().add(std::move(sources)).add(std::move(keys)).add(now - idempotency_retention));
  for (int row = 0; row < rows.size(); ++row) {
    found[static_cast<std::size_t>(rows.integer(row, 0) - 1)] = StandingClaim{
        std::string(rows.bytes(row, 1)), rows.uuid(row, 2), static_cast<std::int32_t>(rows.integer(row, 3))};
  }
  return found;
}

}  // namespace carillon::orchestrator
