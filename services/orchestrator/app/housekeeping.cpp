#include "orchestrator/app/housekeeping.hpp"

#include "attachments/attachments.hpp"
#include "orchestrator/app/idempotency.hpp"
#include "orchestrator/app/release_deferred.hpp"
#include "orchestrator/app/release_parked.hpp"
#include "orchestrator_sql.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::chrono::milliseconds look_interval{100};  // while something waits
constexpr std::chrono::seconds refresh_interval{1};
constexpr std::chrono::hours cleaning_interval{1};
constexpr int rows_per_delete_max = 5'000;
constexpr int files_per_delete_max = 20;  // of 7 MiB at most
constexpr int deletes_per_turn_max = 2'000;

void delete_in_chunks(pg::Connection& connection, const pg::Query& query, UtcTime before) {
  for (int i = 0; i < deletes_per_turn_max; ++i) {
    if (connection.run(query, pg::Params().add(before).add(rows_per_delete_max)).affected_rows() < rows_per_delete_max)
      return;
  }
}

}  // namespace

Housekeeping::Housekeeping(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Facts& facts,
                           TemplateStore& templates, OutboundLimits& limits, const DecideRequests& decide)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      facts_(facts),
      templates_(templates),
      limits_(limits),
      decide_(decide) {}

Housekeeping::~Housekeeping() {
  stop();
}

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

void Housekeeping::look_now() {
  {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }
  changed_.notify_all();
}

// Pacing is by real time even where a test drives the Clock: only decisions depend on that.
void Housekeeping::run() {
  name_this_thread("orch-housekeep");
  using std::chrono::steady_clock;
  auto refresh_at = steady_clock::now();
  auto clean_at = steady_clock::now() + cleaning_interval;
  bool waiting = true;
  std::string last_error;
  while (true) {
    try {
      if (steady_clock::now() >= refresh_at) {
        refresh_at = steady_clock::now() + refresh_interval;
        refresh();
        waiting = true;  // another instance may have deferred something
      }
      if (waiting) waiting = release();
      if (steady_clock::now() >= clean_at) {
        clean_at = steady_clock::now() + cleaning_interval;
        drop_old_rows();
      }
      last_error.clear();
    } catch (const std::exception& error) {
      if (last_error != error.what()) log::warn("ORCHESTRATOR_HOUSEKEEPING_FAILED", {{"error", error.what()}});
      last_error = error.what();
    }
    std::unique_lock lock(mutex_);
    const auto pause = waiting && last_error.empty() ? look_interval : std::chrono::milliseconds(refresh_interval);
    changed_.wait_for(lock, pause, [this] { return !running_ || look_; });
    if (!running_) return;
    if (look_) waiting = true;
    look_ = false;
  }
}

void Housekeeping::refresh() {
  if (!seeded_) {
    const int written = TemplateStore::seed(connection_, template_seeds(), clock_.now());
    if (written > 0) log::info("TEMPLATES_SEEDED", {{"templates", written}});
    seeded_ = true;
  }
  templates_.refresh(connection_);
  limits_.refresh(connection_);
}

bool Housekeeping::release() {
  if (!facts_.templates.catalog()) return true;
  const bool parked = release_parked(connection_, bus_, facts_, decide_, clock_.now());
  const bool deferred = release_deferred(connection_, bus_, facts_, clock_.now());
  return parked || deferred;
}

void Housekeeping::drop_old_rows() {
  const UtcTime now = clock_.now();
  delete_in_chunks(connection_, orchestrator_sql::drop_old_idempotency_keys, now - idempotency_retention);
  delete_in_chunks(connection_, orchestrator_sql::drop_old_rate_windows, now);
  for (int i = 0; i < deletes_per_turn_max; ++i) {
    if (attachments::drop_old(connection_, now, files_per_delete_max) < files_per_delete_max) return;
  }
}

}  // namespace carillon::orchestrator
