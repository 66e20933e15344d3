#include "billing-ingest/app/process_events.hpp"

#include <utility>

#include "billing-ingest/app/billing_records.hpp"
#include "billing_sql.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::billing {
namespace {

constexpr std::chrono::milliseconds lease_pause{20};  // another instance decides just now
constexpr std::chrono::milliseconds unavailable_pause{1'000};
constexpr std::chrono::minutes house_interval{1};
constexpr int drop_rows_max = 10'000;  // in one statement
constexpr int drops_max = 30;          // a minute: five times what arrives at 1,000 a second

}  // namespace

ProcessEvents::ProcessEvents(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock,
                             const BillingSettings& settings, const ClientDirectory& clients, WebhookRefusals& refusals,
                             metrics::Registry& metrics, std::function<bool()> clients_known)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      settings_(settings),
      refusals_(refusals),
      clients_known_(std::move(clients_known)),
      decide_(bus, clients, settings, metrics),
      pending_(metrics.gauge("carillon_billing_pending_events", "Stripe events that are not decided yet")),
      dead_(metrics.gauge("carillon_billing_dead_events", "Stripe events whose handling was given up")) {}

void ProcessEvents::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void ProcessEvents::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void ProcessEvents::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void ProcessEvents::run() {
  name_this_thread("billing");
  std::unique_lock lock(mutex_);
  while (running_) {
    woken_ = false;
    lock.unlock();
    const Pause pause = turn();
    lock.lock();
    changed_.wait_for(lock, pause.time, [&] { return (woken_ && pause.ends_when_woken) || !running_; });
  }
}

// How long nothing is to be done. Who calls the webhook while the database is away must not make this a hot loop.
ProcessEvents::Pause ProcessEvents::turn() {
  try {
    do {  // between batches too: there may always be one more, or another instance that decides
      audit_refusals();
      if (!house_kept_ || clock_.steady() - house_kept_at_ >= house_interval) keep_house();
    } while (is_running() && clients_known_() && decide_one_batch());
    if (std::exchange(failing_, false)) log::info("BILLING_TURN_RECOVERED");
    return {settings_.poll_interval};
  } catch (const pg::Conflict&) {
    return {lease_pause};
  } catch (const std::exception& error) {
    if (!std::exchange(failing_, true)) log::warn("BILLING_TURN_FAILED", {{"error", error.what()}});
    return {unavailable_pause, false};
  }
}

bool ProcessEvents::is_running() {
  const std::lock_guard lock(mutex_);
  return running_;
}

bool ProcessEvents::decide_one_batch() {
  DecideEvents::Outcome outcome;
  const bool single = singles_left_ > 0;
  try {
    decide_(connection_, single ? 1 : decide_batch_max, clock_.now(), outcome);
  } catch (const pg::Conflict&) {
    throw;
  } catch (const pg::Unavailable&) {
    throw;
  } catch (const std::exception& error) {
    if (outcome.ids.empty()) throw;
    if (outcome.ids.size() == 1) {
      decide_.failed(connection_, outcome.ids.front(), error.what(), clock_.now());
      singles_left_ = std::max(0, singles_left_ - 1);
    } else {
      log::warn("STRIPE_EVENTS_ONE_BY_ONE", {{"events", outcome.ids.size()}, {"error", error.what()}});
      singles_left_ = static_cast<int>(outcome.ids.size());
    }
    return true;
  }
  if (!outcome.had_lease) throw pg::Conflict("another instance decides");
  if (outcome.ids.empty()) singles_left_ = 0;
  if (single && singles_left_ > 0) --singles_left_;
  return !outcome.ids.empty();
}

void ProcessEvents::audit_refusals() {
  const auto counts = refusals_.take_due();
  if (counts.empty()) return;
  try {
    bus::Outbox out;
    pg::Transaction tx(connection_);
    for (const auto& [reason, count] : counts)
      publish_audit(out,
                    {"STRIPE_WEBHOOK_REFUSED",
                     "unknown",
                     "webhook",
                     "stripe",
                     "",
                     "REFUSED",
                     reason,
                     {{"calls", std::to_string(count)}}},
                    clock_.now());
    bus_.commit(out, tx);
    bus_.wake(out);
  } catch (...) {
    refusals_.put_back(counts);
    throw;
  }
}

void ProcessEvents::keep_house() {
  const UtcTime now = clock_.now();
  const pg::Params old =
      pg::Params().add(now - settings_.retention).add(now - settings_.dead_retention).add(drop_rows_max);
  for (int times = 0; times < drops_max; ++times) {
    const auto dropped = connection_.run(billing_sql::drop_old_events, old);
    if (dropped.affected_rows() < static_cast<pqxx::result::size_type>(drop_rows_max)) break;
  }
  const auto rows = connection_.run(billing_sql::count_events);
  pending_.set(rows[0][0].as<double>());
  dead_.set(rows[0][1].as<double>());
  house_kept_ = true;
  house_kept_at_ = clock_.steady();
}

}  // namespace carillon::billing
