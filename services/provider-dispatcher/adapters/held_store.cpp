#include "provider-dispatcher/adapters/held_store.hpp"

#include <map>

#include "dispatcher_sql.hpp"
#include "provider-dispatcher/adapters/pending_store.hpp"

namespace carillon::dispatcher::held_store {

namespace {

using Of = pg::BinaryArray::Of;

constexpr const char* due_at_column = "due_at";

std::string text_of(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

ClaimPtr one_or_none(std::vector<ClaimPtr> claims) {
  return claims.empty() ? nullptr : std::move(claims.front());
}

}  // namespace

std::vector<Held> list(pg::Transaction& tx, bus::Bus& bus, int rows_max) {
  const auto rows = tx.run(dispatcher_sql::list_held, pg::Params{}.add(rows_max));
  std::map<std::string, ClaimPtr> claims;
  for (ClaimPtr& claim : pending_store::claims_from(tx, bus, rows)) {
    const std::string id = claim->dispatch.message_id;
    claims.emplace(id, std::move(claim));
  }
  std::vector<Held> held;
  for (const auto& row : rows) {
    held.push_back({claims.at(text_of(row[0])), pg::to_utc(text_of(row[due_at_column]))});
  }
  return held;
}

std::int64_t count(pg::Transaction& tx) {
  return tx.run(dispatcher_sql::count_held)[0][0].as<std::int64_t>();
}

std::vector<ClaimPtr> end_by_receipts(pg::Transaction& tx, bus::Bus& bus, std::span<const Receipt* const> receipts) {
  if (receipts.empty()) return {};
  pg::Array ids, attempts, kinds, settled, providers, their_ids, times;
  for (const Receipt* receipt : receipts) {
    ids.add(receipt->message_id);
    attempts.add(receipt->attempt);
    kinds.add(static_cast<int>(receipt->kind));
    settled.add(makes_resending_useless(receipt->kind));
    providers.add(receipt->provider);
    their_ids.add(receipt->provider_message_id);
    times.add(receipt->occurred_at);
  }
  pg::Params params;
  params.add(std::move(ids)).add(std::move(attempts)).add(std::move(kinds)).add(std::move(settled));
  params.add(std::move(providers)).add(std::move(their_ids)).add(std::move(times));
  return pending_store::claims_from(tx, bus, tx.run(dispatcher_sql::resolve_by_receipts, params));
}

ClaimPtr end(pg::Transaction& tx, bus::Bus& bus, const std::string& message_id) {
  const auto rows = tx.run(dispatcher_sql::end_held, pg::Params{}.add(message_id));
  return one_or_none(pending_store::claims_from(tx, bus, rows));
}

ClaimPtr lock(pg::Transaction& tx, bus::Bus& bus, const std::string& message_id) {
  const auto rows = tx.run(dispatcher_sql::lock_held, pg::Params{}.add(message_id));
  return one_or_none(pending_store::claims_from(tx, bus, rows));
}

void send_again(pg::Transaction& tx, const std::string& message_id, const std::string& provider, UtcTime now) {
  tx.run(dispatcher_sql::send_held_again, pg::Params{}.add(message_id).add(provider).add(now));
}

bool is_pending(pg::Transaction& tx, const std::string& message_id) {
  return !tx.run(dispatcher_sql::is_pending, pg::Params{}.add(message_id)).empty();
}

std::optional<Question> ask(pg::Transaction& tx, UtcTime now, std::chrono::minutes pause) {
  const auto rows = tx.run(dispatcher_sql::ask_about_held, pg::Params{}.add(now).add(now - pause));
  if (rows.empty()) return std::nullopt;
  return Question{rows[0][0].as<std::int64_t>(), pg::to_utc(text_of(rows[0][1]))};
}

}  // namespace carillon::dispatcher::held_store
