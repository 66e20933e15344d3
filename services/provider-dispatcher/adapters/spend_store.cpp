#include "provider-dispatcher/adapters/spend_store.hpp"

#include "dispatcher_sql.hpp"

namespace carillon::dispatcher::spend_store {

namespace {

std::string text_of(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

std::optional<Day> day_or_null(const pqxx::field& field) {
  if (field.is_null()) return std::nullopt;
  return day_of(pg::to_utc(text_of(field) + " 00:00:00+00"));
}

}  // namespace

void add(pg::Transaction& tx, Day day, const Amounts& amounts) {
  pg::Array providers, templates, messages, units;
  for (const auto& [key, amount] : amounts) {
    providers.add(key.first);
    templates.add(key.second);
    messages.add(amount.messages);
    units.add(amount.units);
  }
  pg::Params params;
  params.add(to_text(day)).add(std::move(providers)).add(std::move(templates));
  params.add(std::move(messages)).add(std::move(units));
  tx.run(dispatcher_sql::add_spend, params);
}

std::map<std::string, std::int64_t> units_of_month(pg::Connection& connection, Month month) {
  pg::Params params;
  params.add(to_text(first_day(month))).add(to_text(end_day(month)));
  std::map<std::string, std::int64_t> units;
  for (const auto& row : connection.run(dispatcher_sql::spend_of_month, params)) {
    units.emplace(text_of(row[0]), row[1].as<std::int64_t>());
  }
  return units;
}

Reading read_report(pg::Connection& connection, Month month, Day today) {
  Reading reading;
  reading.calendar = {month, today, day_or_null(connection.run(dispatcher_sql::spend_since)[0][0])};
  pg::Params params;
  params.add(to_text(first_day(month))).add(to_text(end_day(month))).add(to_text(today));
  params.add(to_text(today - std::chrono::days{forecast_days_max}));
  for (const auto& row : connection.run(dispatcher_sql::spend_report, params)) {
    reading.used.push_back({text_of(row[0]), text_of(row[1]), row[2].as<std::int64_t>(), row[3].as<std::int64_t>(),
                            row[4].as<std::int64_t>(), row[5].as<std::int64_t>()});
  }
  return reading;
}

void remove_before(pg::Connection& connection, Day day) {
  connection.run(dispatcher_sql::remove_old_spend, pg::Params{}.add(to_text(day)));
}

}  // namespace carillon::dispatcher::spend_store
