#include "orchestrator/app/clean_up.hpp"

#include "attachments/attachments.hpp"
#include "orchestrator/app/alert_log.hpp"
#include "orchestrator/app/idempotency.hpp"
#include "orchestrator_sql.hpp"

namespace carillon::orchestrator {
namespace {

constexpr int rows_per_delete_max = 5'000;
constexpr int files_per_delete_max = 20;  // of 7 MiB at most
constexpr int deletes_per_turn_max = 2'000;

void delete_in_chunks(pg::Connection& connection, const pg::Query& query, UtcTime before) {
  for (int i = 0; i < deletes_per_turn_max; ++i) {
    if (connection.run(query, pg::Params().add(before).add(rows_per_delete_max)).affected_rows() < rows_per_delete_max)
      return;
  }
}

void drop_old_files(pg::Connection& connection, UtcTime now) {
  for (int i = 0; i < deletes_per_turn_max; ++i) {
    if (attachments::drop_old(connection, now, files_per_delete_max) < files_per_delete_max) return;
  }
}

}  // namespace

void clean_up(pg::Connection& connection, UtcTime now, const Attempt& attempt) {
  attempt("drop_old_idempotency_keys", [&] {
    delete_in_chunks(connection, orchestrator_sql::drop_old_idempotency_keys, now - idempotency_retention);
  });
  attempt("drop_old_cancelled",
          [&] { delete_in_chunks(connection, orchestrator_sql::drop_old_cancelled, now - idempotency_retention); });
  attempt("drop_old_rate_windows", [&] { delete_in_chunks(connection, orchestrator_sql::drop_old_rate_windows, now); });
  attempt("drop_old_alert_log",
          [&] { delete_in_chunks(connection, orchestrator_sql::drop_old_alert_log, now - alert_log_retention); });
  attempt("drop_old_alert_items",
          [&] { delete_in_chunks(connection, orchestrator_sql::drop_old_alert_items, now - alert_items_retention); });
  attempt("drop_old_files", [&] { drop_old_files(connection, now); });
}

}  // namespace carillon::orchestrator
