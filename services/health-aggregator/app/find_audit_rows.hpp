// Pages of the audit log over all chains, newest first by time of occurrence among the chains.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "events/events.hpp"
#include "health-aggregator/core/list_filter.hpp"
#include "postgres/connection.hpp"

namespace carillon::health {

struct AuditRow {
  int partition;
  std::int64_t chain_seq;
  events::AuditEvent event;
};

struct AuditPage {
  std::vector<AuditRow> rows;
  std::optional<std::string> next_cursor;
};

// Failure INVALID_FIELD for a cursor that is none.
Result<AuditPage> find_audit_rows(pg::Connection& connection, const AuditFilter& filter);

}  // namespace carillon::health
