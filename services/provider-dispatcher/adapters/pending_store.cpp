#include "provider-dispatcher/adapters/pending_store.hpp"

#include <algorithm>
#include <tuple>

#include "dispatcher_sql.hpp"
#include "postgres/errors.hpp"
#include "provider-dispatcher/app/read_dispatch.hpp"
#include "values/recipient.hpp"

namespace carillon::dispatcher::pending_store {

namespace {

using Of = pg::BinaryArray::Of;

constexpr std::string_view unique_violation = "23505";

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  while (!text.empty()) {
    const auto comma = text.find(',');
    names.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

std::string_view view(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

// Columns as every claiming query returns them.
enum Column {
  MESSAGE_ID,
  PROVIDER,
  PRIORITY,
  ROUND,
  ATTEMPT,
  TRIED,
  EXTRA_CALL,
  CLAIM,
  DUE_AT,
  RECORD_PARTITION,
  RECORD_SEQ,
  TRACEPARENT,
  PAYLOAD
};

// Whatever it was read from was readable once, so another version of this program wrote it, or it is gone. The message
// must end, not block its line.
void take_dispatch(Claim& claim, Result<events::Dispatch> parsed) {
  if (!parsed) {
    claim.unreadable = parsed.error().code + ": " + parsed.error().detail;
  } else if (parsed->message_id != claim.dispatch.message_id) {
    claim.unreadable = "OTHER_MESSAGE: in its place there is another message";
  } else {
    claim.dispatch = std::move(parsed).value();
  }
}

void take_payload(Claim& claim, const pqxx::row& row) {
  claim.traceparent = view(row[TRACEPARENT]);
  const std::string_view payload = view(row[PAYLOAD]);
  if (payload.empty()) {
    claim.unreadable = "RECORD_GONE: the bus no longer had the record when the message was held";
  } else {
    take_dispatch(claim, events::from_json<events::Dispatch>(payload));
  }
}

ClaimPtr claim_from(const pqxx::row& row) {
  auto claim = std::make_shared<Claim>();
  claim->dispatch.message_id = view(row[MESSAGE_ID]);
  claim->number = row[CLAIM].as<std::int64_t>();
  claim->provider_name = view(row[PROVIDER]);
  claim->priority = row[PRIORITY].as<int>();
  claim->round = row[ROUND].as<int>();
  claim->attempt = row[ATTEMPT].as<int>();
  claim->tried = split_names(view(row[TRIED]));
  claim->extra_call = row[EXTRA_CALL].as<bool>();
  if (row[PAYLOAD].is_null()) {
    claim->record = bus::Place{row[RECORD_PARTITION].as<int>(), row[RECORD_SEQ].as<std::int64_t>()};
  } else {
    take_payload(*claim, row);
  }
  return claim;
}

LastDue last_due_of(const pqxx::result& rows) {
  LastDue last;
  for (const pqxx::row& row : rows) {
    std::optional<UtcTime>& of_priority = last.at(row[PRIORITY].as<std::size_t>() - 1);
    of_priority = std::max(of_priority, std::optional(pg::to_utc(view(row[DUE_AT]))));
  }
  return last;
}

void take_record(Claim& claim, const std::optional<bus::Record>& record) {
  if (!record) {
    claim.unreadable = "RECORD_GONE: the bus no longer has the record dispatch/" +
                       std::to_string(claim.record->partition) + "/" + std::to_string(claim.record->seq);
    return;
  }
  auto read = read_dispatch(*record);
  if (!read) return take_dispatch(claim, read.error());
  claim.traceparent = std::move(read->traceparent);
  take_dispatch(claim, std::move(read->dispatch));
}

void read_records(pg::Transaction& tx, bus::Bus& bus, std::span<const ClaimPtr> claims) {
  std::vector<Claim*> referring;
  std::vector<bus::Place> places;
  for (const ClaimPtr& claim : claims) {
    if (!claim->record) continue;
    referring.push_back(claim.get());
    places.push_back(*claim->record);
  }
  if (places.empty()) return;
  const auto records = bus.read_back(bus::topics::dispatch, places, tx);
  for (std::size_t i = 0; i < referring.size(); ++i) take_record(*referring[i], records[i]);
}

// Held messages may outlive their record. Those that wait for a next round come back scattered, each with other
// neighbours; now they are still together, and reading back goes by rows of many records.
bool copies_record(const Move& move) {
  return (move.state == State::HELD || move.round > move.claim->round) && move.claim->record.has_value();
}

Touched touch(pg::Transaction& tx, const pg::Query& query, std::span<const Claim* const> claims,
              const std::int64_t* instance) {
  pg::BinaryArray ids(Of::UUID), numbers(Of::INT8);
  for (const Claim* claim : claims) {
    ids.add(claim->dispatch.message_id);
    numbers.add(claim->number);
  }
  pg::Params params;
  params.add(std::move(ids));
  if (instance != nullptr) params.add(std::move(numbers)).add(*instance);
  return {tx.run_binary(query, params), claims.size()};
}

std::vector<std::optional<bus::Record>> records_to_copy(pg::Transaction& tx, bus::Bus& bus,
                                                        std::span<const Move> moves) {
  std::vector<bus::Place> places;
  for (const Move& move : moves) {
    if (copies_record(move)) places.push_back(*move.claim->record);
  }
  if (places.empty()) return {};
  return bus.read_back(bus::topics::dispatch, places, tx);
}

// Empty when there is nothing to copy: a reference to nothing would keep the bus from ever dropping what came after.
std::string payload_of(std::optional<bus::Record> record) {
  if (!record) return {};
  auto json = dispatch_json(*std::move(record));
  const bool storable = json && is_valid_utf8(*json) && json->find('\0') == std::string::npos;
  return storable ? std::move(json).value() : std::string();
}

}  // namespace

std::vector<ClaimPtr> claims_from(pg::Transaction& tx, bus::Bus& bus, const pqxx::result& rows) {
  struct Due {
    int priority;
    std::string_view due_at, message_id;
    pqxx::result::size_type row;
  };
  std::vector<Due> order;
  order.reserve(rows.size());
  for (pqxx::result::size_type i = 0; i < rows.size(); ++i) {
    order.push_back({rows[i][PRIORITY].as<int>(), view(rows[i][DUE_AT]), view(rows[i][MESSAGE_ID]), i});
  }
  std::sort(order.begin(), order.end(), [](const Due& a, const Due& b) {
    return std::tie(a.priority, a.due_at, a.message_id) < std::tie(b.priority, b.due_at, b.message_id);
  });
  std::vector<ClaimPtr> claims;
  claims.reserve(order.size());
  for (const Due& due : order) claims.push_back(claim_from(rows[due.row]));
  read_records(tx, bus, claims);
  return claims;
}

Touched::Touched(const pg::BinaryRows& ids, std::size_t asked) : all_(static_cast<std::size_t>(ids.size()) == asked) {
  if (all_) return;
  for (int i = 0; i < ids.size(); ++i) ids_.insert(ids.uuid(i, 0));
}

Touched insert(pg::Transaction& tx, std::span<const NewRow> rows, const Owner& owner, UtcTime now) {
  pg::BinaryArray ids(Of::UUID), expiries(Of::TIMESTAMPTZ), states(Of::INT2), priorities(Of::INT2), channels(Of::TEXT),
      providers(Of::TEXT), partitions(Of::INT4), seqs(Of::INT8);
  for (const NewRow& row : rows) {
    const Claim& claim = *row.claim;
    ids.add(claim.dispatch.message_id);
    expiries.add(claim.dispatch.expires_at);
    states.add(row.claimed ? 1 : 0);
    priorities.add(claim.priority);
    channels.add(events::enum_name(claim.dispatch.channel));
    providers.add(claim.provider_name);
    partitions.add(claim.record->partition);
    seqs.add(claim.record->seq);
  }
  pg::Params params;
  params.add(now).add(owner.instance).add(owner.claim);
  params.add(std::move(ids)).add(std::move(expiries)).add(std::move(states)).add(std::move(priorities));
  params.add(std::move(channels)).add(std::move(providers)).add(std::move(partitions)).add(std::move(seqs));
  try {
    return {tx.run_binary(dispatcher_sql::insert_pending, params), rows.size()};
  } catch (const pg::StatementError& error) {
    if (error.sqlstate == unique_violation) throw pg::Conflict("another transaction inserted the same message");
    throw;
  }
}

Waiting claim_waiting(pg::Transaction& tx, bus::Bus& bus, const std::string& provider, int rows_max, const Owner& owner,
                      UtcTime now, const DueFrom& due_from) {
  pg::Params params;
  params.add(provider).add(now).add(rows_max).add(owner.instance).add(owner.claim);
  for (const UtcTime from : due_from) params.add(from);
  const pqxx::result rows = tx.run(dispatcher_sql::claim_waiting, params);
  return {claims_from(tx, bus, rows), last_due_of(rows)};
}

std::vector<ClaimPtr> claim_mid_round(pg::Transaction& tx, bus::Bus& bus, const std::string& provider, int rows_max,
                                      const Owner& owner, UtcTime now) {
  pg::Params params;
  params.add(provider).add(now).add(rows_max).add(owner.instance).add(owner.claim);
  return claims_from(tx, bus, tx.run(dispatcher_sql::claim_mid_round, params));
}

std::vector<ClaimPtr> claim_expired(pg::Transaction& tx, bus::Bus& bus, int rows_max, const Owner& owner, UtcTime now) {
  pg::Params params;
  params.add(now).add(rows_max).add(owner.instance).add(owner.claim);
  return claims_from(tx, bus, tx.run(dispatcher_sql::claim_expired, params));
}

std::vector<ClaimPtr> claims_of(pg::Transaction& tx, bus::Bus& bus, std::int64_t instance, int rows_max) {
  pg::Params params;
  params.add(instance).add(rows_max);
  return claims_from(tx, bus, tx.run(dispatcher_sql::claims_of_instance, params));
}

Touched remove(pg::Transaction& tx, std::span<const Claim* const> claims, std::int64_t instance) {
  return touch(tx, dispatcher_sql::settle_final, claims, &instance);
}

Touched remove_held(pg::Transaction& tx, std::span<const Claim* const> claims) {
  return touch(tx, dispatcher_sql::settle_held, claims, nullptr);
}

Touched move(pg::Transaction& tx, bus::Bus& bus, std::span<const Move> moves, std::int64_t instance) {
  pg::BinaryArray ids(Of::UUID), numbers(Of::INT8), states(Of::INT2), providers(Of::TEXT), dues(Of::TIMESTAMPTZ),
      rounds(Of::INT4), attempts(Of::INT4), tried(Of::TEXT), extra(Of::BOOL), payloads(Of::TEXT), traces(Of::TEXT);
  auto copies = records_to_copy(tx, bus, moves);
  std::size_t next_copy = 0;
  for (const Move& move : moves) {
    ids.add(move.claim->dispatch.message_id);
    numbers.add(move.claim->number);
    states.add(static_cast<int>(move.state));
    providers.add(move.provider);
    dues.add(move.due_at);
    rounds.add(move.round);
    attempts.add(move.attempt);
    tried.add(joined(move.tried));
    extra.add(move.extra_call);
    if (copies_record(move)) {
      payloads.add(payload_of(std::move(copies[next_copy++])));
      traces.add(move.claim->traceparent);
    } else {
      payloads.add_null();
      traces.add_null();
    }
  }
  pg::Params params;
  params.add(std::move(ids)).add(std::move(numbers)).add(std::move(states)).add(std::move(providers));
  params.add(std::move(dues)).add(std::move(rounds)).add(std::move(attempts)).add(std::move(tried));
  params.add(std::move(extra)).add(std::move(payloads)).add(std::move(traces)).add(instance);
  return {tx.run_binary(dispatcher_sql::settle_moves, params), moves.size()};
}

std::size_t move_waiting(pg::Transaction& tx, const std::string& from, events::Channel channel, const std::string& to,
                         int rows_max, UtcTime now) {
  pg::Params params;
  params.add(from).add(events::enum_name(channel)).add(now).add(to).add(rows_max);
  return static_cast<std::size_t>(tx.run(dispatcher_sql::move_waiting, params).affected_rows());
}

std::vector<std::string> waiting_providers(pg::Connection& connection) {
  std::vector<std::string> names;
  for (const auto& row : connection.run(dispatcher_sql::waiting_providers)) names.emplace_back(view(row[0]));
  return names;
}

std::vector<Count> count(pg::Connection& connection, UtcTime now) {
  std::vector<Count> counts;
  for (const auto& row : connection.run(dispatcher_sql::count_pending, pg::Params().add(now))) {
    counts.push_back({std::string(view(row[0])), static_cast<State>(row[1].as<int>()), row[2].as<std::int64_t>(),
                      row[3].as<double>()});
  }
  return counts;
}

}  // namespace carillon::dispatcher::pending_store
