#include "health-aggregator/app/spike_monitor.hpp"

#include <fmt/format.h>

#include "health-aggregator/app/health_events.hpp"
#include "health-aggregator/core/window.hpp"
#include "health_sql.hpp"
#include "http/message.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::health {

namespace {

struct SpikeFigures {
  std::int64_t sent = 0, failed = 0;
  std::string top_template, top_reason;
  double failed_percent() const {
    return sent + failed == 0 ? 0 : 100.0 * static_cast<double>(failed) / static_cast<double>(sent + failed);
  }
};

SpikeFigures read_figures(pg::Transaction& tx, UtcTime now) {
  const Window window = minutes_window(now, spike_window_minutes);
  const auto row = tx.run(health_sql::spike_figures, pg::Params().add(window.from).add(window.to))[0];
  return {row["sent"].as<std::int64_t>(), row["failed"].as<std::int64_t>(), row["top_template"].c_str(),
          row["top_reason"].c_str()};
}

SpikeLevel read_told(pg::Transaction& tx) {
  const auto rows = tx.run(health_sql::read_spike);
  return rows.empty() ? SpikeLevel::NONE : spike_level_named(rows[0][0].c_str());
}

void publish_alerts(bus::Outbox& out, SpikeLevel level, const SpikeFigures& figures, const std::string& dashboard_url,
                    UtcTime now) {
  const std::string variables = fmt::format(
      R"({{"level":"{}","failed":{},"total":{},"failure_percent":"{:.1f}","window_minutes":{},"top_template":{},)"
      R"("top_reason":{},"dashboard_url":{}}})",
      name(level), figures.failed, figures.sent + figures.failed, figures.failed_percent(), spike_window_minutes,
      http::json_string(figures.top_template), http::json_string(figures.top_reason), http::json_string(dashboard_url));
  for (const std::string_view key : {"OPS_ALERT_NOTIFICATION_SPIKE", "NOTIFICATION_SPIKE_ALERT_ADMIN"})
    publish_alert(out, key, fmt::format("{}/{}/{}", key, name(level), to_rfc3339(now)), variables, "NOTIFICATION_SPIKE",
                  now);
}

void audit_step(bus::Outbox& out, const char* action, SpikeLevel level, const SpikeFigures& figures, UtcTime now) {
  events::AuditEvent audit;
  audit.action = action;
  audit.actor = event_source;
  audit.subject_kind = "notification_spike";
  audit.subject_id = "notification_spike";
  audit.outcome = name(level);
  audit.reason = figures.top_reason;
  audit.details = {{"sent", std::to_string(figures.sent)},
                   {"failed", std::to_string(figures.failed)},
                   {"window_minutes", std::to_string(spike_window_minutes)}};
  publish_audit(out, std::move(audit), now);
}

}  // namespace

SpikeLook look_for_spike(pg::Connection& connection, bus::Bus& bus, const SpikeRule& rule,
                         const std::string& dashboard_url, UtcTime now) {
  pg::Transaction tx(connection);
  const bool leads = tx.run(health_sql::lock_spike)[0][0].as<bool>();
  const SpikeFigures figures = read_figures(tx, now);
  SpikeLook look{spike_level(figures.sent, figures.failed, rule), read_told(tx)};
  if (!leads) return look;
  look.step = spike_step(look.level, look.told);
  bus::Outbox out;
  switch (look.step) {
    case SpikeStep::TELL:
      tx.run(health_sql::put_spike, pg::Params().add(name(look.level)).add(now));
      publish_alerts(out, look.level, figures, dashboard_url, now);
      audit_step(out, "NOTIFICATION_SPIKE_RAISED", look.level, figures, now);
      look.told = look.level;
      break;
    case SpikeStep::CLEAR:
      tx.run(health_sql::clear_spike);
      audit_step(out, "NOTIFICATION_SPIKE_CLEARED", look.told, figures, now);
      look.told = SpikeLevel::NONE;
      break;
    case SpikeStep::NOTHING:
      return look;
  }
  bus.commit(out, tx);
  bus.wake(out);
  const bool told = look.step == SpikeStep::TELL;
  log::write(told ? log::Level::WARN : log::Level::INFO, told ? "NOTIFICATION_SPIKE" : "NOTIFICATION_SPIKE_CLEARED",
             {{"level", name(look.level)},
              {"failed", figures.failed},
              {"sent", figures.sent},
              {"top_template", figures.top_template},
              {"top_reason", figures.top_reason}});
  return look;
}

SpikeMonitor::SpikeMonitor(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock,
                           metrics::Registry& metrics, const SpikeRule& rule, std::chrono::seconds interval,
                           std::string dashboard_url)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      rule_(rule),
      interval_(interval),
      dashboard_url_(std::move(dashboard_url)),
      level_(metrics.gauge("carillon_notification_spike_level",
                           "The level that OPS have been told of: 0 none, 1 WARN, 2 CRIT.")),
      warned_(metrics.counter("carillon_notification_spike_alerts_total", "Spikes told to OPS and the admins.",
                              {{"level", "WARN"}})),
      critical_(metrics.counter("carillon_notification_spike_alerts_total", "Spikes told to OPS and the admins.",
                                {{"level", "CRIT"}})) {}

void SpikeMonitor::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void SpikeMonitor::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SpikeMonitor::run() {
  name_this_thread("health-spike");
  std::unique_lock lock(mutex_);
  while (running_) {
    lock.unlock();
    const auto pause = turn() ? interval_ : std::min(interval_, spike_retry_interval);
    connection_.close();  // until the next look
    lock.lock();
    changed_.wait_for(lock, pause, [this] { return !running_; });
  }
}

bool SpikeMonitor::turn() {
  try {
    const SpikeLook look = look_for_spike(connection_, bus_, rule_, dashboard_url_, clock_.now());
    level_.set(static_cast<double>(look.told));
    if (look.step == SpikeStep::TELL) (look.level == SpikeLevel::CRIT ? critical_ : warned_).add();
    return true;
  } catch (const std::exception& error) {
    log::warn("SPIKE_MONITOR_FAILED", {{"error", error.what()}});
    return false;
  }
}

}  // namespace carillon::health
