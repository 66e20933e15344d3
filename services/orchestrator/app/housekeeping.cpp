#include "orchestrator/app/housekeeping.hpp"

#include "orchestrator/app/alert_settings_book.hpp"
#include "orchestrator/app/clean_up.hpp"
#include "orchestrator/app/reference_keys.hpp"
#include "orchestrator/app/release_deferred.hpp"
#include "orchestrator/app/release_parked.hpp"
#include "orchestrator/app/release_scheduled.hpp"
#include "orchestrator/core/unsubscribe_token.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::orchestrator {
namespace {

constexpr std::chrono::milliseconds look_interval{100};  // while something waits
constexpr std::chrono::seconds refresh_interval{1};
constexpr std::chrono::hours cleaning_interval{1};
constexpr std::chrono::minutes first_cleaning_after{3};  // short-lived instances clean too
static_assert(cleaning_interval <= reference_keys_note_interval);

}  // namespace

Housekeeping::Housekeeping(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, const Facts& facts,
                           TemplateStore& templates, OutboundLimits& limits, const DecideRequests& decide,
                           metrics::Registry& metrics)
    : connection_(std::move(connection)),
      bus_(bus),
      clock_(clock),
      facts_(facts),
      templates_(templates),
      limits_(limits),
      decide_(decide),
      throttle_figures_(metrics, limits) {}

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

bool Housekeeping::attempt(const char* job, const std::function<void()>& run) {
  std::string& last_error = last_errors_[job];
  try {
    run();
    last_error.clear();
    return true;
  } catch (const std::exception& error) {
    if (last_error != error.what())
      log::warn("ORCHESTRATOR_HOUSEKEEPING_FAILED", {{"job", job}, {"error", error.what()}});
    last_error = error.what();
    return false;
  }
}

// Pacing is by real time even where a test drives the Clock: only decisions depend on that.
void Housekeeping::run() {
  name_this_thread("orch-housekeep");
  using std::chrono::steady_clock;
  auto refresh_at = steady_clock::now();
  auto count_at = refresh_at;
  auto clean_at = steady_clock::now() + first_cleaning_after;
  bool waiting = true;
  while (true) {
    bool well = true;
    if (steady_clock::now() >= refresh_at) {
      refresh_at = steady_clock::now() + refresh_interval;
      well = attempt("refresh", [this] { refresh(); });
      waiting = true;  // another instance may have deferred something
    }
    if (waiting) {
      const Released released = release();
      waiting = released.waiting;
      well = released.well && well;
    }
    if (steady_clock::now() >= count_at) {
      count_at = steady_clock::now() + throttle_count_interval;
      attempt("count", [this] { throttle_figures_.count(connection_, clock_.now()); });
    }
    if (steady_clock::now() >= clean_at) {
      clean_at = steady_clock::now() + cleaning_interval;
      clean();
    }
    std::unique_lock lock(mutex_);
    const auto pause = waiting && well ? look_interval : std::chrono::milliseconds(refresh_interval);
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
  if (checked_) return;
  add_missing_references(connection_, facts_.sealer);
  say_what_is_missing();
  checked_ = true;
}

void Housekeeping::say_what_is_missing() {
  note_reference_keys(connection_, facts_.sealer, clock_.now());
  for (const UnreachableEntries& one : find_unreachable(connection_, facts_.sealer))
    log::warn("SUPPRESSIONS_UNREACHABLE",
              {{"key_id", one.key_id},
               {"entries", one.entries},
               {"hint", "a key was removed from CARILLON_PAYLOAD_KEY; put it behind the others again"}});
  if (templates_.catalog()->has_unsubscribable() && !carries_links(facts_.settings.public_url))
    log::warn("UNSUBSCRIBE_LINKS_MISSING",
              {{"hint", "set CARILLON_PUBLIC_URL to the https:// address that recipients reach"}});
}

Housekeeping::Released Housekeeping::release() {
  if (!facts_.templates.catalog()) return {true, true};
  Released all{false, true};
  const auto let_go = [&](const char* job, const std::function<bool()>& run) {
    bool waiting = true;  // as long as nobody knows
    all.well = attempt(job, [&] { waiting = run(); }) && all.well;
    all.waiting = waiting || all.waiting;
  };
  let_go("release_parked", [&] { return release_parked(connection_, bus_, facts_, decide_, clock_.now()); });
  let_go("release_scheduled", [&] { return release_scheduled(connection_, bus_, facts_, decide_, clock_.now()); });
  let_go("release_deferred", [&] { return release_deferred(connection_, bus_, facts_, clock_.now()); });
  return all;
}

void Housekeeping::clean() {
  const UtcTime now = clock_.now();
  clean_up(connection_, now, [this](const char* job, const std::function<void()>& run) { attempt(job, run); });
  attempt("note_reference_keys", [&] { note_reference_keys(connection_, facts_.sealer, now); });
}

}  // namespace carillon::orchestrator
