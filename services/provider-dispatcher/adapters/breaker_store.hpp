// dispatcher.provider_health and dispatcher.provider_rate in SQL. Throws the pg:: errors.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "provider-dispatcher/core/breaker.hpp"

namespace carillon::dispatcher::breaker_store {

using Breakers = std::map<std::string, Breaker>;

// Makes the rows of providers that have none yet.
void ensure(pg::Transaction& tx, const std::vector<std::string>& providers);
Breakers read(pg::Connection& connection);
// Locks the rows, in the order of the names, until the transaction ends.
Breakers lock(pg::Transaction& tx, const std::vector<std::string>& providers);
void save(pg::Transaction& tx, const Breakers& breakers);

// Locks the provider's slots over all instances until the transaction ends.
UtcTime lock_next_slot(pg::Transaction& tx, const std::string& provider);
UtcTime database_clock(pg::Transaction& tx);
void advance_next_slot(pg::Transaction& tx, const std::string& provider, UtcTime next_slot_at);

}  // namespace carillon::dispatcher::breaker_store
