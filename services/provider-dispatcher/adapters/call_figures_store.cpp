#include "provider-dispatcher/adapters/call_figures_store.hpp"

#include "dispatcher_sql.hpp"

namespace carillon::dispatcher::call_figures_store {

void add(pg::Connection& connection, const CallFigures::Minutes& minutes) {
  pg::Array starts, providers, calls, failures, latencies, latency_maxima, last_failures;
  for (const auto& [key, sums] : minutes) {
    starts.add(key.first);
    providers.add(key.second);
    calls.add(sums.calls);
    failures.add(sums.failures);
    latencies.add(sums.latency_ms);
    latency_maxima.add(sums.latency_ms_max);
    last_failures.add(sums.last_failure_at);
  }
  pg::Params params;
  params.add(std::move(starts)).add(std::move(providers)).add(std::move(calls)).add(std::move(failures));
  params.add(std::move(latencies)).add(std::move(latency_maxima)).add(std::move(last_failures));
  connection.run(dispatcher_sql::add_provider_calls, params);
}

std::map<std::string, CallSums> read(pg::Connection& connection, UtcTime from) {
  std::map<std::string, CallSums> sums;
  for (const auto& row : connection.run(dispatcher_sql::provider_call_figures, pg::Params{}.add(from))) {
    CallSums one;
    one.calls = row[1].as<std::int64_t>();
    one.failures = row[2].as<std::int64_t>();
    one.latency_ms = row[3].as<std::int64_t>();
    one.latency_ms_max = row[4].as<std::int64_t>();
    if (!row[5].is_null()) one.last_failure_at = pg::to_utc({row[5].c_str(), row[5].size()});
    sums.emplace(row[0].c_str(), one);
  }
  return sums;
}

void remove_before(pg::Connection& connection, UtcTime minute) {
  connection.run(dispatcher_sql::remove_old_provider_calls, pg::Params{}.add(minute));
}

}  // namespace carillon::dispatcher::call_figures_store
