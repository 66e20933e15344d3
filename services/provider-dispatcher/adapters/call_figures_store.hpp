// dispatcher.provider_calls in SQL: calls by minute and provider, over all instances. Throws the pg:: errors.
#pragma once
#include <map>
#include <string>

#include "postgres/connection.hpp"
#include "provider-dispatcher/app/call_figures.hpp"

namespace carillon::dispatcher::call_figures_store {

void add(pg::Connection& connection, const CallFigures::Minutes& minutes);

// By provider: the calls since `from`, and the last failure of all that is kept.
std::map<std::string, CallSums> read(pg::Connection& connection, UtcTime from);

void remove_before(pg::Connection& connection, UtcTime minute);

}  // namespace carillon::dispatcher::call_figures_store
