#include "health-aggregator/app/find_audit_rows.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "health-aggregator/core/page_cursor.hpp"
#include "health_sql.hpp"

namespace carillon::health {

namespace {

AuditRow row_of(const pqxx::row& row) {
  AuditRow found{row["partition"].as<int>(), row["chain_seq"].as<std::int64_t>(), {}};
  auto details = events::from_json<events::AuditEvent>(std::string("{\"details\":") + row["details"].c_str() + "}");
  if (details) found.event = std::move(*details);
  found.event.event_id = row["event_id"].c_str();
  found.event.occurred_at = pg::to_utc(row["occurred_at"].c_str());
  found.event.action = row["action"].c_str();
  found.event.actor = row["actor"].c_str();
  found.event.subject_kind = row["subject_kind"].c_str();
  found.event.subject_id = row["subject_id"].c_str();
  found.event.client_id = row["client_id"].c_str();
  found.event.outcome = row["outcome"].c_str();
  found.event.reason = row["reason"].c_str();
  return found;
}

template <class T>
void add_or_null(pg::Params& params, const std::optional<T>& value) {
  value ? params.add(*value) : params.add_null();
}

// For each chain its newest fitting rows below its mark, newest first.
std::map<int, std::vector<AuditRow>> rows_below(pg::Connection& connection, const AuditFilter& filter,
                                                const AuditMarks& marks) {
  pg::Array partitions, below;
  for (const auto& [partition, mark] : marks) {
    partitions.add(partition);
    below.add(mark);
  }
  pg::Params params;
  params.add(std::move(partitions)).add(std::move(below));
  add_or_null(params, filter.action);
  add_or_null(params, filter.subject_id);
  add_or_null(params, filter.client_id);
  add_or_null(params, filter.actor);
  add_or_null(params, filter.from);
  add_or_null(params, filter.to);
  params.add(filter.limit + 1);
  std::map<int, std::vector<AuditRow>> chains;
  for (const auto& row : connection.run(health_sql::audit_page, params)) {
    AuditRow found = row_of(row);
    chains[found.partition].push_back(std::move(found));
  }
  for (auto& [partition, rows] : chains) {
    std::sort(rows.begin(), rows.end(), [](const AuditRow& a, const AuditRow& b) { return a.chain_seq > b.chain_seq; });
  }
  return chains;
}

}  // namespace

Result<AuditPage> find_audit_rows(pg::Connection& connection, const AuditFilter& filter) {
  AuditMarks marks;
  if (filter.cursor) {
    auto cursor = read_audit_cursor(*filter.cursor);
    if (!cursor) return cursor.error();
    marks = std::move(*cursor);
  } else {
    for (const auto& row : connection.run(health_sql::audit_partitions)) {
      marks[row["partition"].as<int>()] = std::numeric_limits<std::int64_t>::max();
    }
  }
  AuditPage page;
  if (marks.empty()) return page;
  auto chains = rows_below(connection, filter, marks);
  std::erase_if(marks, [&](const auto& mark) { return !chains.contains(mark.first); });
  std::map<int, std::size_t> taken;
  while (page.rows.size() < static_cast<std::size_t>(filter.limit)) {
    // Rows of one chain keep its order; among the chains the newest goes first.
    const AuditRow* newest = nullptr;
    for (const auto& [partition, rows] : chains) {
      const std::size_t at = taken[partition];
      if (at == rows.size()) continue;
      if (newest == nullptr || rows[at].event.occurred_at > newest->event.occurred_at) newest = &rows[at];
    }
    if (newest == nullptr) break;
    ++taken[newest->partition];
    marks[newest->partition] = newest->chain_seq;
    page.rows.push_back(*newest);
  }
  std::erase_if(marks, [&](const auto& mark) { return taken[mark.first] == chains.at(mark.first).size(); });
  if (!marks.empty()) page.next_cursor = audit_cursor(marks);
  return page;
}

}  // namespace carillon::health
