// dispatcher.spend in SQL: what was used of each provider, by UTC day. Throws the pg:: errors.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "postgres/connection.hpp"
#include "provider-dispatcher/core/spend.hpp"

namespace carillon::dispatcher::spend_store {

struct Amount {
  std::int64_t messages = 0;
  std::int64_t units = 0;
};
// By provider and template_key.
using Amounts = std::map<std::pair<std::string, std::string>, Amount>;

// Adds to the day's rows, in one statement. The rows stay locked until the transaction ends.
void add(pg::Transaction& tx, Day day, const Amounts& amounts);

// Units of each provider in the month.
std::map<std::string, std::int64_t> units_of_month(pg::Connection& connection, Month month);

// The days of a report and what was used in them, ordered by provider and template.
struct Reading {
  Calendar calendar;
  std::vector<Used> used;
};
Reading read_report(pg::Connection& connection, Month month, Day today);

void remove_before(pg::Connection& connection, Day day);

}  // namespace carillon::dispatcher::spend_store
