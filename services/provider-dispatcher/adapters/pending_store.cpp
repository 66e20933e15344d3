#include "provider-dispatcher/adapters/pending_store.hpp"

#include <algorithm>
#include <tuple>

#include "dispatcher_sql.hpp"

namespace carillon::dispatcher::pending_store {

namespace {

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
enum Column { MESSAGE_ID, PROVIDER, PRIORITY, ROUND, ATTEMPT, TRIED, EXTRA_CALL, CLAIM, TRACEPARENT, PAYLOAD, DUE_AT };

ClaimPtr claim_from(const pqxx::row& row) {
  auto parsed = events::from_json<events::Dispatch>(view(row[PAYLOAD]));
  auto claim = std::make_shared<Claim>();
  claim->number = row[CLAIM].as<std::int64_t>();
  claim->provider_name = view(row[PROVIDER]);
  claim->priority = row[PRIORITY].as<int>();
  claim->round = row[ROUND].as<int>();
  claim->attempt = row[ATTEMPT].as<int>();
  claim->tried = split_names(view(row[TRIED]));
  claim->extra_call = row[EXTRA_CALL].as<bool>();
  claim->traceparent = view(row[TRACEPARENT]);
  if (parsed) {
    claim->dispatch = std::move(parsed).value();
  } else {
    // It was read before it was stored, so another version of this program wrote it. It must end, not block its line.
    claim->dispatch.message_id = view(row[MESSAGE_ID]);
    claim->unreadable = parsed.error().code + ": " + parsed.error().detail;
  }
  return claim;
}

// In the order the rows were due; RETURNING promises none.
std::vector<ClaimPtr> claims_from(const pqxx::result& rows) {
  struct Place {
    int priority;
    std::string_view due_at, message_id;
    pqxx::result::size_type row;
  };
  std::vector<Place> order;
  order.reserve(rows.size());
  for (pqxx::result::size_type i = 0; i < rows.size(); ++i) {
    order.push_back({rows[i][PRIORITY].as<int>(), view(rows[i][DUE_AT]), view(rows[i][MESSAGE_ID]), i});
  }
  std::sort(order.begin(), order.end(), [](const Place& a, const Place& b) {
    return std::tie(a.priority, a.due_at, a.message_id) < std::tie(b.priority, b.due_at, b.message_id);
  });
  std::vector<ClaimPtr> claims;
  claims.reserve(order.size());
  for (const Place& place : order) claims.push_back(claim_from(rows[place.row]));
  return claims;
}

Touched touch(pg::Transaction& tx, const pg::Query& query, std::span<const Claim* const> claims,
              const std::int64_t* instance) {
  pg::Array ids, numbers;
  for (const Claim* claim : claims) {
    ids.add(claim->dispatch.message_id);
    numbers.add(claim->number);
  }
  pg::Params params;
  params.add(std::move(ids));
  if (instance != nullptr) params.add(std::move(numbers)).add(*instance);
  return Touched(tx.run(query, params), claims.size());
}

}  // namespace

Touched::Touched(pqxx::result rows, std::size_t asked) : rows_(std::move(rows)), all_(rows_.size() == asked) {
  if (all_) return;
  for (const auto& row : rows_) ids_.emplace(view(row[0]));
}

Touched insert(pg::Transaction& tx, std::span<const NewRow> rows, const Owner& owner, UtcTime now) {
  pg::Array ids, expiries, states, priorities, channels, providers, traces, payloads;
  for (const NewRow& row : rows) {
    ids.add(row.dispatch->message_id);
    expiries.add(row.dispatch->expires_at);
    states.add(row.claimed ? 1 : 0);
    priorities.add(row.priority);
    channels.add(std::string_view{events::enum_name(row.dispatch->channel)});
    providers.add(row.provider);
    traces.add(row.traceparent);
    payloads.add(row.payload);
  }
  pg::Params params;
  params.add(now).add(owner.instance).add(owner.claim);
  params.add(std::move(ids)).add(std::move(expiries)).add(std::move(states)).add(std::move(priorities));
  params.add(std::move(channels)).add(std::move(providers)).add(std::move(traces)).add(std::move(payloads));
  return Touched(tx.run(dispatcher_sql::insert_pending, params), rows.size());
}

std::vector<ClaimPtr> claim_waiting(pg::Transaction& tx, const std::string& provider, int rows_max, const Owner& owner,
                                    UtcTime now) {
  pg::Params params;
  params.add(provider).add(now).add(rows_max).add(owner.instance).add(owner.claim);
  return claims_from(tx.run(dispatcher_sql::claim_waiting, params));
}

std::vector<ClaimPtr> claim_mid_round(pg::Transaction& tx, const std::string& provider, int rows_max,
                                      const Owner& owner, UtcTime now) {
  pg::Params params;
  params.add(provider).add(now).add(rows_max).add(owner.instance).add(owner.claim);
  return claims_from(tx.run(dispatcher_sql::claim_mid_round, params));
}

std::vector<ClaimPtr> claim_expired(pg::Transaction& tx, int rows_max, const Owner& owner, UtcTime now) {
  pg::Params params;
  params.add(now).add(rows_max).add(owner.instance).add(owner.claim);
  return claims_from(tx.run(dispatcher_sql::claim_expired, params));
}

std::vector<ClaimPtr> claims_of(pg::Transaction& tx, std::int64_t instance, int rows_max) {
  pg::Params params;
  params.add(instance).add(rows_max);
  return claims_from(tx.run(dispatcher_sql::claims_of_instance, params));
}

Touched remove(pg::Transaction& tx, std::span<const Claim* const> claims, std::int64_t instance) {
  return touch(tx, dispatcher_sql::settle_final, claims, &instance);
}

Touched remove_held(pg::Transaction& tx, std::span<const Claim* const> claims) {
  return touch(tx, dispatcher_sql::settle_held, claims, nullptr);
}

Touched move(pg::Transaction& tx, std::span<const Move> moves, std::int64_t instance) {
  pg::Array ids, numbers, states, providers, dues, rounds, attempts, tried, extra;
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
  }
  pg::Params params;
  params.add(std::move(ids))
      .add(std::move(numbers))
      .add(std::move(states))
      .add(std::move(providers))
      .add(std::move(dues));
  params.add(std::move(rounds)).add(std::move(attempts)).add(std::move(tried)).add(std::move(extra)).add(instance);
  return Touched(tx.run(dispatcher_sql::settle_moves, params), moves.size());
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

std::vector<Count> count(pg::Connection& connection) {
  std::vector<Count> counts;
  for (const auto& row : connection.run(dispatcher_sql::count_pending)) {
    counts.push_back({std::string(view(row[0])), static_cast<State>(row[1].as<int>()), row[2].as<std::int64_t>()});
  }
  return counts;
}

}  // namespace carillon::dispatcher::pending_store
