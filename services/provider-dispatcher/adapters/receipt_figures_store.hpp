// dispatcher.receipt_minutes and dispatcher.receipts_missing in SQL. Throws the pg:: errors.
#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/core/receipt_health.hpp"

namespace carillon::dispatcher::receipt_figures_store {

void add(pg::Connection& connection, const ReceiptFigures::Minutes& minutes);
std::map<std::string, ReceiptCounts> read(pg::Connection& connection, UtcTime now);
void drop(pg::Connection& connection, UtcTime before);

// Both give those that changed.
std::vector<std::string> begin_missing(pg::Transaction& tx, const std::vector<std::string>& providers, UtcTime now);
std::vector<std::string> end_missing(pg::Transaction& tx, const std::vector<std::string>& providers);
std::set<std::string> missing(pg::Transaction& tx);

}  // namespace carillon::dispatcher::receipt_figures_store
