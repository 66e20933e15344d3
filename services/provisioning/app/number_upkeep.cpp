#include "provisioning/app/number_upkeep.hpp"

#include <algorithm>
#include <utility>

#include "events/cloud_events.hpp"
#include "events/events.hpp"
#include "provisioning/app/client_store.hpp"
#include "provisioning/app/provisioning_events.hpp"
#include "provisioning_sql.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::provisioning {
namespace {

constexpr std::chrono::seconds look_interval{60};
constexpr std::chrono::seconds unsettled_interval{1};  // at start, until clients may be changed
constexpr int numbers_at_once_max = 200;
constexpr int drop_rows_max = 20'000;
constexpr int drops_max = 50;

void audit_number(bus::Outbox& out, const char* action, const std::string& client_id, UtcTime now) {
  AuditFacts facts{action, std::string(event_source), client_id.empty() ? "number_pool" : "client",
                   client_id.empty() ? "number_pool" : client_id, client_id};
  facts.outcome = "OK";
  publish_audit(out, std::move(facts), now);
}

void publish_alert(bus::Outbox& out, const PoolCounts& counts, int threshold, UtcTime now) {
  events::SendRequest send;
  send.idempotency_key = "number-pool-low/" + to_rfc3339(now);
  send.template_key = "OPS_ALERT_NUMBER_POOL_LOW";
  send.variables.text =
      "{\"available\":" + std::to_string(counts.available) + ",\"threshold\":" + std::to_string(threshold) + "}";
  send.context = events::Context{std::string(event_source), "few numbers are left"};
  out.publish(bus::topics::send_requests,
              {send.idempotency_key,
               events::binary_headers("carillon.send-request.v1", event_source, send.idempotency_key, now),
               events::to_json(send)});
}

}  // namespace

int reserve_canceled_numbers(pg::Connection& connection, bus::Bus& bus, UtcTime now) {
  pg::Transaction tx(connection);
  std::vector<std::string> ids;
  for (const auto& row : tx.run(provisioning_sql::find_canceled_numbers, pg::Params().add(numbers_at_once_max)))
    ids.emplace_back(row[0].c_str());
  if (ids.empty()) return 0;
  bus::Outbox out;
  std::vector<Client> clients = find_clients(tx, ids, Lock::FOR_UPDATE);
  std::erase_if(clients, [](const Client& client) {  // it may have paid again before its row was locked
    return !client.deleted && (client.payment_active || client.subscription_status != "canceled");
  });
  pg::Array canceled;
  for (const Client& client : clients) canceled.add(client.id);
  const auto reserved = tx.run(provisioning_sql::reserve_numbers, pg::Params().add(std::move(canceled)).add(now));
  std::erase_if(clients, [](const Client& client) { return client.deleted || client.twilio_number.empty(); });
  for (Client& client : clients) client.twilio_number.clear();
  update_clients(tx, out, clients, now);
  for (const auto& row : reserved) audit_number(out, "NUMBER_RESERVED", row[0].c_str(), now);
  failpoint("provisioning.reserve.before_commit");
  bus.commit(out, tx);
  bus.wake(out);
  for (const auto& row : reserved)
    log::info("NUMBER_RESERVED", {{"client_id", row[0].c_str()}, {"phone_e164", row[1].c_str()}});
  return static_cast<int>(reserved.size());
}

int end_number_quarantine(pg::Connection& connection, bus::Bus& bus, UtcTime now) {
  pg::Transaction tx(connection);
  bus::Outbox out;
  const auto freed =
      tx.run(provisioning_sql::end_number_quarantine, pg::Params().add(now - number_quarantine).add(now));
  if (freed.empty()) return 0;
  audit_number(out, "NUMBER_QUARANTINE_ENDED", {}, now);
  bus.commit(out, tx);
  bus.wake(out);
  log::info("NUMBER_QUARANTINE_ENDED", {{"numbers", freed.size()}});
  return static_cast<int>(freed.size());
}

PoolFigures watch_number_pool(pg::Connection& connection, bus::Bus& bus, int threshold, UtcTime now) {
  pg::Transaction tx(connection);
  tx.run(provisioning_sql::lock_pool_alarm);  // one instance looks at a time, and sees what the last one did
  const bool raised = tx.run(provisioning_sql::read_pool_alarm)[0][0].as<bool>();
  const PoolFigures figures = count_pool_numbers(tx);
  bus::Outbox out;
  switch (pool_alarm(figures.counts, figures.waiting, threshold, raised)) {
    case PoolAlarm::RAISE:
      tx.run(provisioning_sql::raise_pool_alarm, pg::Params().add(now));
      publish_alert(out, figures.counts, threshold, now);
      log::warn("NUMBER_POOL_LOW", {{"available", figures.counts.available}, {"threshold", threshold}});
      break;
    case PoolAlarm::CLEAR:
      tx.run(provisioning_sql::clear_pool_alarm);
      log::info("NUMBER_POOL_RECOVERED", {{"available", figures.counts.available}});
      break;
    case PoolAlarm::NONE:
      break;
  }
  bus.commit(out, tx);
  bus.wake(out);
  return figures;
}

void serve_waiting_clients(pg::Connection& connection, Converse& converse, const PoolFigures& figures) {
  if (figures.waiting == 0) return;
  const std::int64_t served = std::min<std::int64_t>(figures.counts.available, numbers_at_once_max);
  std::vector<std::string> ids;
  for (const auto& row :
       connection.run(provisioning_sql::find_waiting_in_order, pg::Params().add(served).add(numbers_at_once_max)))
    ids.emplace_back(row[0].c_str());
  for (const std::string& id : ids) {
    try {
      converse.go_on(id);
    } catch (const std::exception& error) {  // whoever waits behind it is served all the same
      log::warn("WAITING_CLIENT_NOT_SERVED", {{"client_id", id}, {"error", error.what()}});
    }
  }
}

void drop_old_inbound_messages(pg::Connection& connection, UtcTime now) {
  for (int times = 0; times < drops_max; ++times) {
    const auto dropped = connection.run(provisioning_sql::drop_old_inbound_messages,
                                        pg::Params().add(now - inbound_kept_for).add(drop_rows_max));
    if (dropped.affected_rows() < static_cast<pqxx::result::size_type>(drop_rows_max)) return;
  }
}

NumberUpkeep::NumberUpkeep(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, Converse& converse,
                           PoolMetrics& metrics, int threshold, std::function<bool()> may_change)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      converse_(converse),
      metrics_(metrics),
      threshold_(threshold),
      may_change_(std::move(may_change)) {}

void NumberUpkeep::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void NumberUpkeep::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void NumberUpkeep::look_now() {
  {
    const std::lock_guard lock(mutex_);
    wanted_ = true;
  }
  changed_.notify_all();
}

void NumberUpkeep::run() {
  name_this_thread("number-upkeep");
  std::unique_lock lock(mutex_);
  while (running_) {
    wanted_ = false;
    lock.unlock();
    turn();
    lock.lock();
    changed_.wait_for(lock, may_change_() ? look_interval : unsettled_interval,
                      [this] { return !running_ || wanted_; });
  }
}

void NumberUpkeep::turn() {
  if (!may_change_()) return;
  try {
    const UtcTime now = clock_.now();
    reserve_canceled_numbers(connection_, bus_, now);
    connection_.run(provisioning_sql::wait_for_own_numbers, pg::Params().add(now));
    end_number_quarantine(connection_, bus_, now);
    PoolFigures figures = watch_number_pool(connection_, bus_, threshold_, now);
    metrics_.counted(figures.counts, figures.waiting);
    serve_waiting_clients(connection_, converse_, figures);
    drop_old_inbound_messages(connection_, now);
  } catch (const std::exception& error) {
    log::warn("NUMBER_UPKEEP_FAILED", {{"error", error.what()}});
  }
}

}  // namespace carillon::provisioning
