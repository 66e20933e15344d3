#include "provider-dispatcher/adapters/alert_store.hpp"

#include "dispatcher_sql.hpp"

namespace carillon::dispatcher::alert_store {

bool note(pg::Transaction& tx, const std::string& subject, UtcTime now,
          std::optional<std::chrono::seconds> again_after) {
  pg::Params params;
  params.add(subject).add(now).add(again_after ? now - *again_after : UtcTime{});
  return !tx.run(dispatcher_sql::note_alert, params).empty();
}

void remove_before(pg::Connection& connection, UtcTime time) {
  connection.run(dispatcher_sql::remove_old_alerts, pg::Params{}.add(time));
}

}  // namespace carillon::dispatcher::alert_store
