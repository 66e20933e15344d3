#include "otp/app/housekeeping.hpp"

#include "otp/app/otp_events.hpp"
#include "otp_sql.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::otp {
namespace {

constexpr std::chrono::minutes watch_interval{1};
constexpr std::chrono::hours drop_interval{1};
// Longer than every window and lockout that a setting allows, twice.
constexpr std::chrono::hours kept_for{48};
// In one statement, so that none runs into its time limit; and of one table at a turn.
constexpr int drop_rows_max = 20'000;
constexpr int drops_max = 50;

}  // namespace

int watch_conversion(pg::Connection& connection, bus::Bus& bus, const ConversionRule& rule, UtcTime now) {
  pg::Transaction tx(connection);
  if (!tx.run(otp_sql::lock_conversion)[0][0].as<bool>()) return 0;  // another instance looks just now
  const UtcTime patience_began = floor_minute(now) - conversion_patience;
  bus::Outbox out;
  int raised = 0;
  for (const auto& row :
       tx.run(otp_sql::read_conversion, pg::Params().add(patience_began - conversion_window).add(patience_began))) {
    const std::string country = row[0].c_str();
    const Conversion seen{row[1].is_null() ? 0 : row[1].as<std::int64_t>(), row[2].as<std::int64_t>()};
    switch (alarm_change(seen, row[3].as<bool>(), rule)) {
      case AlarmChange::RAISE:
        tx.run(otp_sql::raise_alarm, pg::Params().add(country).add(now));
        publish_alert(out, country, seen.sent, seen.verified, now);
        log::warn("OTP_CONVERSION_LOW", {{"country", country}, {"sent", seen.sent}, {"verified", seen.verified}});
        ++raised;
        break;
      case AlarmChange::CLEAR:
        tx.run(otp_sql::clear_alarm, pg::Params().add(country));
        log::info("OTP_CONVERSION_RECOVERED", {{"country", country}});
        break;
      case AlarmChange::NONE:
        break;
    }
  }
  bus.commit(out, tx);
  bus.wake(out);
  return raised;
}

void drop_old_rows(pg::Connection& connection, const Rules& rules, UtcTime now) {
  const UtcTime old = now - kept_for;
  const auto drop = [&](const pg::Query& query, pg::Params params) {
    params.add(drop_rows_max);
    for (int times = 0; times < drops_max; ++times)
      if (connection.run(query, params).affected_rows() < static_cast<pqxx::result::size_type>(drop_rows_max)) return;
  };
  drop(otp_sql::drop_old_recipients, pg::Params().add(old).add(now - rules.lockout));
  for (const pg::Query* query : {&otp_sql::drop_old_challenges, &otp_sql::drop_old_step_up_tokens,
                                 &otp_sql::drop_old_limit_counts, &otp_sql::drop_old_conversion_counts})
    drop(*query, pg::Params().add(old));
}

Housekeeping::Housekeeping(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Rules& rules,
                           const ConversionRule& conversion)
    : connection_(std::move(connection)), bus_(bus), clock_(clock), rules_(rules), conversion_(conversion) {}

void Housekeeping::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void Housekeeping::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Housekeeping::run() {
  name_this_thread("otp-tidy");
  std::unique_lock lock(mutex_);
  while (running_) {
    lock.unlock();
    turn();
    lock.lock();
    changed_.wait_for(lock, watch_interval, [this] { return !running_; });
  }
}

void Housekeeping::turn() {
  try {
    if (conversion_.percent_min > 0) watch_conversion(connection_, bus_, conversion_, clock_.now());
    if (dropped_ && clock_.steady() - dropped_at_ < drop_interval) return;
    drop_old_rows(connection_, rules_, clock_.now());
    dropped_ = true;
    dropped_at_ = clock_.steady();
  } catch (const std::exception& error) {
    log::warn("OTP_HOUSEKEEPING_FAILED", {{"error", error.what()}});
  }
}

}  // namespace carillon::otp
