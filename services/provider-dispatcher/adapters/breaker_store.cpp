#include "provider-dispatcher/adapters/breaker_store.hpp"

#include <stdexcept>

#include "dispatcher_sql.hpp"
#include "postgres/errors.hpp"

namespace carillon::dispatcher::breaker_store {

namespace {

std::optional<UtcTime> time_or_null(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return pg::to_utc({field.c_str(), field.size()});
}

Breakers breakers_from(const pqxx::result& rows) {
  Breakers breakers;
  for (const auto& row : rows) {
    Breaker breaker;
    const auto state = breaker_state_from(row[1].c_str());
    if (!state) throw std::runtime_error("provider_health: unknown breaker state");
    breaker.state = *state;
    breaker.consecutive_failures = row[2].as<int>();
    breaker.successes = row[3].as<int>();
    breaker.opened_at = time_or_null(row[4]);
    breaker.trial_until = time_or_null(row[5]);
    breaker.trial_by = row[6].as<std::int64_t>();
    breaker.last_error = row[7].c_str();
    breaker.version = row[8].as<std::int64_t>();
    breakers.emplace(row[0].c_str(), std::move(breaker));
  }
  return breakers;
}

pg::Array names_of(const std::vector<std::string>& providers) {
  pg::Array names;
  for (const std::string& name : providers) names.add(name);
  return names;
}

}  // namespace

void ensure(pg::Transaction& tx, const std::vector<std::string>& providers) {
  tx.run(dispatcher_sql::ensure_providers, pg::Params{}.add(names_of(providers)));
}

Breakers read(pg::Connection& connection) {
  return breakers_from(connection.run(dispatcher_sql::read_breakers));
}

Breakers lock(pg::Transaction& tx, const std::vector<std::string>& providers) {
  return breakers_from(tx.run(dispatcher_sql::lock_breakers, pg::Params{}.add(names_of(providers))));
}

void save(pg::Transaction& tx, const Breakers& breakers) {
  pg::Array names, states, failures, successes, opened, trials, trial_by, errors, versions;
  for (const auto& [name, breaker] : breakers) {
    names.add(name);
    states.add(std::string_view{to_string(breaker.state)});
    failures.add(breaker.consecutive_failures);
    successes.add(breaker.successes);
    opened.add(breaker.opened_at);
    trials.add(breaker.trial_until);
    trial_by.add(breaker.trial_by);
    errors.add(breaker.last_error);
    versions.add(breaker.version);
  }
  pg::Params params;
  params.add(std::move(names)).add(std::move(states)).add(std::move(failures)).add(std::move(successes));
  params.add(std::move(opened))
      .add(std::move(trials))
      .add(std::move(trial_by))
      .add(std::move(errors))
      .add(std::move(versions));
  tx.run(dispatcher_sql::save_breakers, params);
}

UtcTime lock_next_slot(pg::Transaction& tx, const std::string& provider) {
  const auto rows = tx.run(dispatcher_sql::lock_rate, pg::Params{}.add(provider));
  if (rows.empty()) throw pg::Unavailable("provider_rate: no row of this provider yet");
  return pg::to_utc(rows[0][0].c_str());
}

UtcTime database_clock(pg::Transaction& tx) {
  return pg::to_utc(tx.run(dispatcher_sql::read_clock)[0][0].c_str());
}

void advance_next_slot(pg::Transaction& tx, const std::string& provider, UtcTime next_slot_at) {
  tx.run(dispatcher_sql::advance_rate, pg::Params{}.add(provider).add(next_slot_at));
}

}  // namespace carillon::dispatcher::breaker_store
