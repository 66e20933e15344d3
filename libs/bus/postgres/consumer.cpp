#include "bus/postgres/consumer.hpp"

#include "bus/postgres/engine.hpp"
#include "bus/postgres/handover.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds lease_look_interval{1'000};
constexpr milliseconds lag_interval{5'000};
constexpr milliseconds unhealthy_after{10'000};
constexpr milliseconds table_unread_max{1'000};  // while rows are handed over; wake-ups from other processes are sooner
constexpr int contact_share = 3;                 // the session is used at least this often within a lease time-out

pg::ConnectionSettings session_settings(const PostgresBus& bus, const ConsumerSettings& consumer) {
  pg::ConnectionSettings settings = pg::for_repeated_statements(bus.settings().connection);
  settings.application_name += " lease " + consumer.group;
  settings.idle_session_timeout = bus.settings().lease_timeout;
  return settings;
}

pg::ConnectionSettings work_settings(const PostgresBus& bus, const ConsumerSettings& consumer) {
  pg::ConnectionSettings settings = pg::for_repeated_statements(bus.settings().connection);
  settings.application_name += " consumer " + consumer.group;
  if (!consumer.wait_for_disk) settings.options += " -c synchronous_commit=off";
  return settings;
}

FetchBounds bounds_of(const ConsumerSettings& settings, int partitions) {
  return {settings.batch_records_max,
          std::max<std::size_t>(settings.batch_bytes_max / static_cast<std::size_t>(partitions), 1)};
}

}  // namespace

PostgresConsumer::PostgresConsumer(PostgresBus& bus, ConsumerSettings settings, Handler& handler)
    : bus_(bus),
      settings_(std::move(settings)),
      handler_(handler),
      session_(session_settings(bus, settings_)),
      work_(work_settings(bus, settings_)),
      leases_(settings_.group, settings_.topic, bus.partitions()),
      metrics_(bus.settings().metrics, settings_),
      runner_(bus, bus.clock(), settings_, handler, work_, metrics_),
      reader_(settings_.topic, bounds_of(settings_, bus.partitions())) {}

PostgresConsumer::~PostgresConsumer() {
  stop();
}

void PostgresConsumer::start() {
  if (thread_.joinable()) return;
  pause_.start();
  last_progress_ = now().time_since_epoch().count();
  thread_ = std::thread([this] { run(); });
}

void PostgresConsumer::stop() {
  if (!thread_.joinable()) return;
  pause_.stop();
  bus_.bell().wake_all();
  thread_.join();
  session_.close();  // ends the leases
  work_.close();
  leases_.clear();
  bus_.bell().handover().hold(settings_.topic.table, {});
  forget_fetched();
}

bool PostgresConsumer::healthy() const {
  return now() - SteadyTime{SteadyTime::duration{last_progress_.load()}} < unhealthy_after;
}

SteadyTime PostgresConsumer::now() const {
  return bus_.clock().steady();
}

void PostgresConsumer::run() {
  name_this_thread("c:" + std::string(settings_.topic.table));
  while (!pause_.stopped()) {
    try {
      turn();
      pause_.reset();
      last_progress_ = now().time_since_epoch().count();
      if (std::exchange(failing_, false))
        log::info("bus.consumer_recovered", {{"group", settings_.group}, {"topic", settings_.topic.name}});
    } catch (const OffsetsMoved& moved) {
      session_.close();  // and with it the leases, which somebody else must have by now
      failed(moved.what());
    } catch (const std::exception& error) {
      failed(error.what());
    }
  }
}

void PostgresConsumer::failed(const std::string& reason) {
  if (!std::exchange(failing_, true)) {
    log::warn("bus.batch_failed", {{"group", settings_.group}, {"topic", settings_.topic.name}, {"reason", reason}});
  }
  forget_fetched();  // a commit whose outcome is unknown may have moved the offsets
  pause_.wait();
}

void PostgresConsumer::forget_fetched() {
  fetched_ = {};
  offsets_known_ = false;
  last_read_ = {};
}

void PostgresConsumer::turn() {
  tick_when_due();
  bus_.require_agreement();
  hold_leases();
  if (leases_.held().empty() || !handler_.ready()) {
    keep_session();
    wait();
    return;
  }
  if (!offsets_known_) read_offsets();
  if (fetched_.consumed()) {
    gather();
    fill();
  }
  if (fetched_.empty()) {
    wait();
    return;
  }
  keep_session();
  runner_.consume(fetched_, positions_);
}

void PostgresConsumer::tick_when_due() {
  if (now() < next_tick_) return;
  next_tick_ = now() + settings_.idle_tick;
  handler_.tick();
}

void PostgresConsumer::hold_leases() {
  const bool lost = !session_.is_open() || session_.epoch() != session_epoch_;
  if (!lost && now() < next_look_) return;
  if (lost) {
    session_.close();  // what it may still hold would be counted twice
    leases_.forget();
    // The database may have come back as an older one, without the rows that wait here.
    bus_.bell().handover().hold(settings_.topic.table, {});
  }
  if (refresh_leases() || lost) {
    forget_fetched();
    bus_.bell().handover().hold(settings_.topic.table, leases_.held());
  }
  if (lost) runner_.offsets().ensure(session_, bus_.partitions());
  session_epoch_ = session_.epoch();
  last_contact_ = now();
  next_look_ = now() + lease_look_interval;
  report_lag();
}

bool PostgresConsumer::refresh_leases() {
  try {
    return leases_.refresh(session_);
  } catch (...) {
    session_.close();  // what it holds is unknown now
    throw;
  }
}

// Throws when the session is gone: then no batch may start.
void PostgresConsumer::keep_session() {
  if (now() - last_contact_ < bus_.settings().lease_timeout / contact_share) return;
  session_.run("SELECT 1");
  last_contact_ = now();
  if (session_.epoch() != session_epoch_) throw pg::Unavailable("the lease session was lost");
}

void PostgresConsumer::read_offsets() {
  positions_ = runner_.offsets().read(session_, leases_.held());
  if (positions_.size() != leases_.held().size()) {
    runner_.offsets().ensure(session_, bus_.partitions());
    positions_ = runner_.offsets().read(session_, leases_.held());
  }
  fetched_seqs_.clear();
  for (const auto& [partition, position] : positions_) fetched_seqs_[partition] = position.next_seq;
  offsets_known_ = true;
}

void PostgresConsumer::report_lag() {
  if (now() < next_lag_ || !offsets_known_) return;
  next_lag_ = now() + lag_interval;
  std::int64_t behind = 0;
  for (const auto& [partition, head] : reader_.heads(session_, {leases_.held().begin(), leases_.held().end()})) {
    const auto at = positions_.find(partition);
    if (at != positions_.end()) behind += head - std::max<std::int64_t>(at->second.next_seq, 1);
  }
  metrics_.lag.set(static_cast<double>(behind));
}

// What this process has committed is handed over; the table is asked for what others may have.
void PostgresConsumer::fill() {
  last_fill_ = now();
  const std::uint64_t rings_from_others = bus_.bell().rings_from_others(settings_.topic.table);
  const milliseconds unread_max = std::max(table_unread_max, settings_.poll_interval);
  bool ask_table = rings_from_others != rings_from_others_ || now() >= last_read_ + unread_max;
  if (!ask_table) {
    bool gap = false;
    fetched_ = reader_.take(bus_.bell().handover(), fetched_seqs_, gap);
    ask_table = fetched_.empty() && (gap || table_has_more_ || now() >= last_read_ + settings_.poll_interval);
    if (gap) last_read_ = {};
  }
  if (ask_table) {
    fetched_ = reader_.fetch(session_, bus_.bell().handover(), fetched_seqs_);
    if (session_.epoch() != session_epoch_) throw pg::Unavailable("the lease session was lost");
    rings_from_others_ = rings_from_others;
    table_has_more_ = fetched_.cut;
    last_contact_ = last_read_ = now();
  }
  for (std::size_t i = 0; i < fetched_.records.size(); ++i)
    fetched_seqs_[fetched_.records[i].partition] = fetched_.after[i].next_seq;
}

// Lets records gather for a larger batch.
void PostgresConsumer::gather() {
  if (settings_.linger.count() == 0 || fetched_.records.size() >= settings_.batch_records_max) return;
  const auto rest = std::chrono::ceil<milliseconds>(last_fill_ + settings_.linger - now());
  if (rest.count() > 0) pause_.wait_for(rest);
}

void PostgresConsumer::wait() {
  const auto until_tick = std::chrono::ceil<milliseconds>(next_tick_ - now());
  const milliseconds longest = std::clamp(until_tick, milliseconds{1}, settings_.poll_interval);
  rings_ = bus_.bell().wait(settings_.topic.table, rings_, longest);
}

}  // namespace carillon::bus
