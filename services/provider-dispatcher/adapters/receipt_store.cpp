#include "provider-dispatcher/adapters/receipt_store.hpp"

#include <boost/mp11.hpp>
#include <set>
#include <tuple>

#include "dispatcher_sql.hpp"

namespace carillon::dispatcher::receipt_store {

namespace {

using Of = pg::BinaryArray::Of;

events::Channel channel_of(std::string_view provider) {
  return provider == "twilio" ? events::Channel::SMS : events::Channel::EMAIL;
}

// Columns as both "take" queries return them; the last five only of unmatched receipts.
enum Column {
  MESSAGE_ID,
  ATTEMPT,
  KIND,
  PROVIDER,
  PROVIDER_MESSAGE_ID,
  OCCURRED_AT,
  SUPPRESS,
  RECIPIENT_HASH,
  REASON,
  PROVIDER_CODE,
  DETAIL
};

Receipt receipt_from(const pg::BinaryRows& rows, int row) {
  Receipt receipt;
  receipt.message_id = rows.uuid(row, MESSAGE_ID);
  receipt.attempt = static_cast<int>(rows.integer(row, ATTEMPT));
  receipt.kind = static_cast<ReceiptKind>(rows.integer(row, KIND));
  receipt.provider = rows.bytes(row, PROVIDER);
  receipt.channel = channel_of(receipt.provider);
  receipt.provider_message_id = rows.bytes(row, PROVIDER_MESSAGE_ID);
  receipt.occurred_at = rows.time(row, OCCURRED_AT);
  return receipt;
}

}  // namespace

void note_sent_calls(pg::Transaction& tx, std::span<const SentCall> calls, UtcTime now) {
  if (calls.empty()) return;
  pg::BinaryArray providers(Of::TEXT), their_ids(Of::TEXT), ids(Of::UUID), attempts(Of::INT4);
  for (const SentCall& call : calls) {
    providers.add(call.provider);
    their_ids.add(call.provider_message_id);
    ids.add(call.message_id);
    attempts.add(call.attempt);
  }
  pg::Params params;
  params.add(std::move(providers)).add(std::move(their_ids)).add(std::move(ids)).add(std::move(attempts)).add(now);
  tx.run_binary(dispatcher_sql::insert_sent_calls, params);
}

void match(pg::Transaction& tx, std::span<Receipt* const> receipts) {
  if (receipts.empty()) return;
  pg::BinaryArray providers(Of::TEXT), their_ids(Of::TEXT);
  for (const Receipt* receipt : receipts) {
    providers.add(receipt->provider);
    their_ids.add(receipt->provider_message_id);
  }
  const auto rows =
      tx.run_binary(dispatcher_sql::match_receipts, pg::Params{}.add(std::move(providers)).add(std::move(their_ids)));
  for (int row = 0; row < rows.size(); ++row) {
    Receipt& receipt = *receipts[static_cast<std::size_t>(rows.integer(row, 0)) - 1];
    receipt.message_id = rows.uuid(row, 1);
    receipt.attempt = static_cast<int>(rows.integer(row, 2));
  }
}

std::size_t keep_unmatched(pg::Transaction& tx, std::span<const Receipt* const> receipts, UtcTime now) {
  if (receipts.empty()) return 0;
  pg::BinaryArray providers(Of::TEXT), their_ids(Of::TEXT), kinds(Of::INT2), suppress(Of::INT2), hashes(Of::TEXT),
      reasons(Of::TEXT), codes(Of::TEXT), details(Of::TEXT), times(Of::TIMESTAMPTZ);
  for (const Receipt* receipt : receipts) {
    providers.add(receipt->provider);
    their_ids.add(receipt->provider_message_id);
    kinds.add(static_cast<int>(receipt->kind));
    suppress.add(static_cast<int>(receipt->suppress));
    hashes.add(receipt->recipient_hash);
    reasons.add(receipt->reason);
    codes.add(receipt->provider_code);
    details.add(receipt->detail);
    times.add(receipt->occurred_at);
  }
  pg::Params params;
  params.add(std::move(providers)).add(std::move(their_ids)).add(std::move(kinds)).add(std::move(suppress));
  params.add(std::move(hashes)).add(std::move(reasons)).add(std::move(codes)).add(std::move(details));
  params.add(std::move(times)).add(now);
  return static_cast<std::size_t>(tx.run_binary(dispatcher_sql::keep_unmatched_receipts, params).size());
}

std::vector<Receipt> take_matched(pg::Transaction& tx, UtcTime since, int rows_max) {
  std::vector<Receipt> taken;
  const auto rows = tx.run_binary(dispatcher_sql::take_matched_receipts, pg::Params{}.add(since).add(rows_max));
  for (int row = 0; row < rows.size(); ++row) {
    Receipt receipt = receipt_from(rows, row);
    receipt.suppress = static_cast<SuppressReason>(rows.integer(row, SUPPRESS));
    receipt.recipient_hash = rows.bytes(row, RECIPIENT_HASH);
    receipt.reason = rows.bytes(row, REASON);
    receipt.provider_code = rows.bytes(row, PROVIDER_CODE);
    receipt.detail = rows.bytes(row, DETAIL);
    taken.push_back(std::move(receipt));
  }
  return taken;
}

std::int64_t count_unmatched(pg::Connection& connection) {
  return connection.run_binary(dispatcher_sql::count_unmatched_receipts).integer(0, 0);
}

std::vector<std::pair<std::string, std::int64_t>> drop_unmatched(pg::Transaction& tx, UtcTime before, int rows_max) {
  std::vector<std::pair<std::string, std::int64_t>> dropped;
  const auto rows = tx.run_binary(dispatcher_sql::drop_unmatched_receipts, pg::Params{}.add(before).add(rows_max));
  for (int row = 0; row < rows.size(); ++row) dropped.emplace_back(rows.bytes(row, 0), rows.integer(row, 1));
  return dropped;
}

std::vector<Receipt> take_early(pg::Transaction& tx, int rows_max) {
  std::vector<Receipt> taken;
  const auto rows = tx.run_binary(dispatcher_sql::take_early_receipts, pg::Params{}.add(rows_max));
  for (int row = 0; row < rows.size(); ++row) taken.push_back(receipt_from(rows, row));
  return taken;
}

std::set<std::string> told(pg::Transaction& tx, std::span<const std::string* const> message_ids) {
  std::set<std::string> told;
  if (message_ids.empty()) return told;
  pg::BinaryArray ids(Of::UUID), kinds(Of::INT2);
  for (const std::string* id : message_ids) ids.add(*id);
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<ReceiptKind>>([&kinds](auto kind) {
    if (makes_resending_useless(kind.value)) kinds.add(static_cast<int>(kind.value));
  });
  const auto rows =
      tx.run_binary(dispatcher_sql::told_by_early_receipts, pg::Params{}.add(std::move(ids)).add(std::move(kinds)));
  for (int row = 0; row < rows.size(); ++row) told.insert(rows.uuid(row, 0));
  return told;
}

std::vector<bool> note_first(pg::Transaction& tx, std::span<const Receipt* const> receipts, UtcTime now) {
  using Key = std::tuple<std::string, int, int, bool>;
  const auto key_of = [](const Receipt& receipt) {
    return Key{receipt.message_id, receipt.attempt, static_cast<int>(receipt.kind), suppresses(receipt)};
  };
  std::vector<bool> first(receipts.size(), false);
  if (receipts.empty()) return first;
  pg::BinaryArray ids(Of::UUID), attempts(Of::INT4), kinds(Of::INT2), suppressing(Of::BOOL);
  for (const Receipt* receipt : receipts) {
    ids.add(receipt->message_id);
    attempts.add(receipt->attempt);
    kinds.add(static_cast<int>(receipt->kind));
    suppressing.add(suppresses(*receipt));
  }
  pg::Params params;
  params.add(std::move(ids)).add(std::move(attempts)).add(std::move(kinds)).add(std::move(suppressing)).add(now);
  const auto rows = tx.run_binary(dispatcher_sql::note_receipts, params);
  std::set<Key> noted;
  for (int row = 0; row < rows.size(); ++row) {
    noted.emplace(rows.uuid(row, 0), static_cast<int>(rows.integer(row, 1)), static_cast<int>(rows.integer(row, 2)),
                  rows.integer(row, 3) != 0);
  }
  // Of the same receipt twice in a batch the first counts.
  for (std::size_t i = 0; i < receipts.size(); ++i) first[i] = noted.erase(key_of(*receipts[i])) > 0;
  return first;
}

std::size_t drop_sent_calls(pg::Connection& connection, UtcTime before, int rows_max) {
  const auto done = connection.run(dispatcher_sql::drop_sent_calls, pg::Params{}.add(before).add(rows_max));
  return static_cast<std::size_t>(done.affected_rows());
}

std::size_t drop_noted(pg::Connection& connection, UtcTime before, int rows_max) {
  const auto done = connection.run(dispatcher_sql::drop_noted_receipts, pg::Params{}.add(before).add(rows_max));
  return static_cast<std::size_t>(done.affected_rows());
}

}  // namespace carillon::dispatcher::receipt_store
