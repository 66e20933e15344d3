#include "orchestrator/app/idempotency.hpp"

#include "orchestrator_sql.hpp"
#include "postgres/errors.hpp"

namespace carillon::orchestrator {
namespace {

using Of = pg::BinaryArray::Of;
constexpr std::string_view unique_violation = "23505";

pg::Params params_of(std::span<const IdempotencyClaim* const> claims) {
  pg::BinaryArray sources(Of::TEXT), keys(Of::TEXT), hashes(Of::BYTEA), ids(Of::UUID), counts(Of::INT4),
      times(Of::TIMESTAMPTZ);
  for (const IdempotencyClaim* claim : claims) {
    sources.add(claim->source);
    keys.add(claim->key);
    hashes.add(claim->body_hash);
    ids.add(claim->message_id);
    counts.add(claim->message_count);
    times.add(claim->accepted_at);
  }
  pg::Params params;
  params.add(std::move(sources)).add(std::move(keys)).add(std::move(hashes));
  params.add(std::move(ids)).add(std::move(counts)).add(std::move(times));
  return params;
}

pg::BinaryRows insert_keys(pg::Transaction& tx, const pg::Params& params) {
  try {
    return tx.run_binary(orchestrator_sql::insert_idempotency_keys, params);
  } catch (const pg::StatementError& error) {
    if (error.sqlstate == unique_violation) throw pg::Conflict("another transaction claimed the same idempotency key");
    throw;
  }
}

}  // namespace

std::unordered_set<std::string_view> claim_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> claims,
                                                UtcTime now) {
  std::unordered_set<std::string_view> claimed;
  if (claims.empty()) return claimed;
  claimed.reserve(claims.size());
  for (const IdempotencyClaim* claim : claims) claimed.insert(claim->message_id);
  pg::Params params = params_of(claims);
  const pg::BinaryRows inserted = insert_keys(tx, params);
  if (static_cast<std::size_t>(inserted.size()) == claims.size()) return claimed;

  const pg::BinaryRows renewed =
      tx.run_binary(orchestrator_sql::renew_idempotency_keys, params.add(now - idempotency_retention));
  std::unordered_set<std::string> ours;
  for (const pg::BinaryRows& rows : {inserted, renewed})
    for (int row = 0; row < rows.size(); ++row) ours.insert(rows.uuid(row, 0));
  std::erase_if(claimed, [&](std::string_view id) { return !ours.contains(std::string(id)); });
  return claimed;
}

std::vector<std::optional<StandingClaim>> find_keys(pg::Transaction& tx, std::span<const IdempotencyClaim* const> pairs,
                                                    UtcTime now) {
  std::vector<std::optional<StandingClaim>> found(pairs.size());
  if (pairs.empty()) return found;
  pg::BinaryArray sources(Of::TEXT), keys(Of::TEXT);
  for (const IdempotencyClaim* pair : pairs) {
    sources.add(pair->source);
    keys.add(pair->key);
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
