// dispatcher.alerts in SQL: which alerts were asked for. Throws the pg:: errors.
#pragma once
#include <optional>
#include <string>

#include "postgres/connection.hpp"
#include "time/utc_time.hpp"

namespace carillon::dispatcher::alert_store {

// True when it is this transaction that asks: nobody did before, or, where `again_after` says so, not for that long.
// Another instance that asks at the same moment waits for this transaction's end.
bool note(pg::Transaction& tx, const std::string& subject, UtcTime now,
          std::optional<std::chrono::seconds> again_after = std::nullopt);

void remove_before(pg::Connection& connection, UtcTime time);

}  // namespace carillon::dispatcher::alert_store
