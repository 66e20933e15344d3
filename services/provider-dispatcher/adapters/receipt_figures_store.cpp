#include "provider-dispatcher/adapters/receipt_figures_store.hpp"

#include "dispatcher_sql.hpp"

namespace carillon::dispatcher::receipt_figures_store {

namespace {

std::vector<std::string> names_in(const pqxx::result& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.emplace_back(row[0].c_str());
  return names;
}

pg::Array array_of(const std::vector<std::string>& providers) {
  pg::Array names;
  for (const std::string& name : providers) names.add(name);
  return names;
}

}  // namespace

void add(pg::Connection& connection, const ReceiptFigures::Minutes& minutes) {
  pg::Array providers, times, accepted, receipts;
  for (const auto& [key, count] : minutes) {  // in the order of the keys: instances lock rows alike
    providers.add(key.first);
    times.add(key.second);
    accepted.add(count.accepted);
    receipts.add(count.receipts);
  }
  pg::Params params;
  params.add(std::move(providers)).add(std::move(times)).add(std::move(accepted)).add(std::move(receipts));
  connection.run(dispatcher_sql::add_receipt_minutes, params);
}

std::map<std::string, ReceiptCounts> read(pg::Connection& connection, UtcTime now) {
  std::map<std::string, ReceiptCounts> counts;
  for (const auto& row : connection.run(dispatcher_sql::read_receipt_minutes, pg::Params{}.add(floor_minute(now)))) {
    ReceiptCounts& of = counts[row[0].c_str()];
    of.accepted = row[1].as<std::int64_t>();
    of.receipts = row[2].as<std::int64_t>();
    of.came_within_a_day = row[3].as<bool>();
  }
  return counts;
}

void drop(pg::Connection& connection, UtcTime before) {
  connection.run(dispatcher_sql::drop_receipt_minutes, pg::Params{}.add(before));
}

std::vector<std::string> begin_missing(pg::Transaction& tx, const std::vector<std::string>& providers, UtcTime now) {
  if (providers.empty()) return {};
  return names_in(tx.run(dispatcher_sql::begin_receipts_missing, pg::Params{}.add(array_of(providers)).add(now)));
}

std::vector<std::string> end_missing(pg::Transaction& tx, const std::vector<std::string>& providers) {
  if (providers.empty()) return {};
  return names_in(tx.run(dispatcher_sql::end_receipts_missing, pg::Params{}.add(array_of(providers))));
}

std::set<std::string> missing(pg::Transaction& tx) {
  const auto names = names_in(tx.run(dispatcher_sql::read_receipts_missing));
  return {names.begin(), names.end()};
}

}  // namespace carillon::dispatcher::receipt_figures_store
