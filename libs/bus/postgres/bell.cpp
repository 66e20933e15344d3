#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "bus/postgres/handover.hpp"
#include "bus/postgres/postgres_bus.hpp"
#include "bus_sql.hpp"
#include "postgres/errors.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::bus {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds notify_spacing{5};
constexpr milliseconds notify_spacing_of_logs{50};  // they are read in lots of about that time
constexpr milliseconds count_interval{2'000};
// What every bell holds, shared, while it listens: so each knows whether there are others.
constexpr std::string_view members_lock = "carillon.bus.bells";
constexpr milliseconds quiet_wait{1'000};
constexpr milliseconds reconnect_pause{500};

// A notification that is lost or late costs others no more than their polling.
pg::ConnectionSettings bell_settings(pg::ConnectionSettings settings) {
  settings.options += " -c synchronous_commit=off";
  return settings;
}

struct Channel {
  std::condition_variable rung;
  std::uint64_t rings = 0;
  std::uint64_t from_others = 0;  // of these
};

}  // namespace

struct Bell::State {
  explicit State(pg::ConnectionSettings settings)
      : connection(bell_settings(std::move(settings))), wake_descriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (wake_descriptor < 0) throw std::runtime_error("eventfd failed");
  }
  ~State() { ::close(wake_descriptor); }

  Handover handover;
  std::mutex mutex;                                      // guards channels and pending
  std::map<std::string, Channel, std::less<>> channels;  // by topic table; entries are never removed
  Channel any;                                           // rung with each of them
  // To be told to other processes, and when; as many as there are topics.
  std::map<std::string, SteadyTime, std::less<>> pending;
  std::atomic<bool> stopping{false};
  std::thread thread;
  pg::Connection connection;  // the thread's own
  std::uint64_t listening_epoch = 0;
  bool reported_down = false;
  std::atomic<bool> others_listen{true};
  SteadyTime next_count{};
  const int wake_descriptor;

  void bump(std::string_view table, bool by_other) {
    auto found = channels.find(table);
    if (found == channels.end()) found = channels.try_emplace(std::string(table)).first;
    ++found->second.rings;
    if (by_other) ++found->second.from_others;
    found->second.rung.notify_all();
    ++any.rings;
    any.rung.notify_all();
  }

  void wake_thread() const {
    const std::uint64_t one = 1;
    if (::write(wake_descriptor, &one, sizeof one) < 0) return;  // full: the thread is awake anyway
  }

  // Until something is to be read or said, or `wait` is over.
  void sleep(int socket, milliseconds wait) const {
    pollfd descriptors[] = {{wake_descriptor, POLLIN, 0}, {socket, POLLIN, 0}};
    ::poll(descriptors, socket < 0 ? 1 : 2, static_cast<int>(wait.count()));
    std::uint64_t ignored = 0;
    if (::read(wake_descriptor, &ignored, sizeof ignored) < 0) return;  // nothing was written
  }

  void hear() {
    for (const pg::Notification& notice : connection.take_notifications(milliseconds{0})) {
      if (notice.own) continue;
      others_listen = true;
      const std::lock_guard lock(mutex);
      for (std::size_t at = 0; at < notice.payload.size();) {
        const std::size_t comma = std::min(notice.payload.find(',', at), notice.payload.size());
        bump(std::string_view(notice.payload).substr(at, comma - at), true);
        at = comma + 1;
      }
    }
  }

  void say() {
    std::string tables;
    {
      const std::lock_guard lock(mutex);
      for (const auto& [table, due] : pending) tables += (tables.empty() ? "" : ",") + table;
      pending.clear();
    }
    connection.run(bus_sql::notify, pg::Params().add(tables));
  }

  void count_bells() {
    others_listen = connection.run(bus_sql::count_bells, pg::Params().add(members_lock))[0][0].as<int>() > 1;
    next_count = std::chrono::steady_clock::now() + count_interval;
  }

  // Others may believe that they are alone until they hear this.
  void join() {
    connection.run("LISTEN carillon_bus");
    connection.run(bus_sql::join_bells, pg::Params().add(members_lock));
    connection.run(bus_sql::notify, pg::Params().add(""));
    listening_epoch = connection.epoch();
    next_count = {};
    if (std::exchange(reported_down, false)) log::info("bus.bell_connected");
  }

  // When something is to be said next; the end of time when there is nothing.
  SteadyTime next_due() {
    const std::lock_guard lock(mutex);
    SteadyTime next = SteadyTime::max();
    for (const auto& [table, due] : pending) next = std::min(next, due);
    return next;
  }

  // One turn; throws when the connection fails.
  void carry(SteadyTime& next_say) {
    if (!connection.is_open() || connection.epoch() != listening_epoch) join();
    const SteadyTime now = std::chrono::steady_clock::now();
    if (now >= next_count) count_bells();
    if (std::max(next_due(), next_say) <= now) {
      say();
      next_say = now + notify_spacing;
    }
    const SteadyTime until = std::min(std::max(next_due(), next_say), now + quiet_wait);
    sleep(connection.socket(), std::chrono::ceil<milliseconds>(until - now));
    hear();
  }

  void run() {
    name_this_thread("bell");
    SteadyTime next_say{};
    while (!stopping) {
      try {
        carry(next_say);
      } catch (const std::exception& error) {  // consumers poll meanwhile
        if (!std::exchange(reported_down, true)) log::warn("bus.bell_disconnected", {{"reason", error.what()}});
        connection.close();
        for (const SteadyTime until = std::chrono::steady_clock::now() + reconnect_pause; !stopping;) {
          const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
          if (left.count() <= 0) break;
          sleep(-1, left);
        }
      }
    }
  }
};

Bell::Bell(pg::ConnectionSettings settings) : state_(std::make_unique<State>(std::move(settings))) {
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

Bell::~Bell() {
  state_->stopping = true;
  state_->wake_thread();
  state_->thread.join();
}

void Bell::ring(const Topic& topic, Hearers hearers) {
  const SteadyTime due = std::chrono::steady_clock::now() + (topic.log ? notify_spacing_of_logs : milliseconds{0});
  const std::lock_guard lock(state_->mutex);
  state_->bump(topic.table, false);
  if (hearers == Hearers::HERE || !state_->others_listen || state_->pending.contains(topic.table)) return;
  const bool soonest = std::all_of(state_->pending.begin(), state_->pending.end(),
                                   [&](const auto& other) { return due < other.second; });
  state_->pending.emplace(topic.table, due);
  if (soonest) state_->wake_thread();
}

std::uint64_t Bell::wait(std::string_view topic_table, std::uint64_t seen, milliseconds wait) {
  std::unique_lock lock(state_->mutex);
  Channel& channel = state_->channels.try_emplace(std::string(topic_table)).first->second;
  channel.rung.wait_for(lock, wait, [&] { return channel.rings != seen; });
  return channel.rings;
}

std::uint64_t Bell::rings_from_others(std::string_view topic_table) const {
  const std::lock_guard lock(state_->mutex);
  const auto found = state_->channels.find(topic_table);
  return found == state_->channels.end() ? 0 : found->second.from_others;
}

std::uint64_t Bell::wait_for_any(std::uint64_t seen, milliseconds wait) {
  std::unique_lock lock(state_->mutex);
  Channel& any = state_->any;
  any.rung.wait_for(lock, wait, [&] { return any.rings != seen; });
  return any.rings;
}

void Bell::nudge() {
  const std::lock_guard lock(state_->mutex);
  ++state_->any.rings;
  state_->any.rung.notify_all();
}

Handover& Bell::handover() {
  return state_->handover;
}

void Bell::wake_all() {
  const std::lock_guard lock(state_->mutex);
  for (auto& [table, channel] : state_->channels) {
    ++channel.rings;
    channel.rung.notify_all();
  }
  ++state_->any.rings;
  state_->any.rung.notify_all();
}

}  // namespace carillon::bus
