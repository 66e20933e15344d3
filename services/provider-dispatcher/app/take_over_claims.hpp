// Watches the other instances: one whose session lock is free at two looks, at least 4 s apart, is dead, and its claims
// became calls without an answer. They are settled as UNCONFIRMED (PROCESS_DIED) under that instance's lock, so that
// only one does it and the owner can't come back meanwhile. Also renews this process's board of breakers every second,
// and the figures of what is pending when they are due.
//
// One thread, one connection for the looks, one for the settling.
#pragma once
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "bus/bus.hpp"
#include "provider-dispatcher/app/capacity.hpp"
#include "provider-dispatcher/app/pending_figures.hpp"
#include "provider-dispatcher/app/settle_batch.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

// Longer than a living instance needs to lock again after the server was restarted (a beat and a pause).
inline constexpr std::chrono::milliseconds takeover_looks_apart{4'000};
inline constexpr std::chrono::milliseconds watch_pause{1'000};
// Claims of owners that no table lists (their row was gone before the claim was committed) are looked for this often.
inline constexpr std::chrono::seconds unknown_owner_pause{60};
inline constexpr int takeover_batch_max = 500;

struct WatchParts {
  const Roster& roster;
  ProviderBoard& board;
  Capacity& capacity;
  PendingFigures& figures;
  bus::Bus& bus;
  const Clock& clock;
  pg::ConnectionSettings connection;
  std::int64_t instance;
  std::function<void()> wake_claimer;
  std::function<void()> also_look;  // every second, after the board; does not throw
};

class TakeOverClaims {
 public:
  explicit TakeOverClaims(WatchParts parts);
  ~TakeOverClaims();
  void start();
  void stop();
  // True when the provider states of this start are out.
  bool wait_until_published(std::chrono::milliseconds wait);

 private:
  void loop();
  void watch();
  void publish_states();
  void renew_board();
  void look_at_others();
  bool lock_is_free(std::int64_t instance);
  void take_over(std::int64_t instance);
  bool take_over_batch(std::int64_t instance);

  WatchParts parts_;
  pg::Connection looks_;
  pg::Connection work_;
  SettleBatch batch_;
  SystemClock machine_;  // looks are apart in real time, like session time-outs
  std::map<std::int64_t, SteadyTime> free_since_;
  SteadyTime next_owner_scan_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;   // mutex_
  bool published_ = false;  // mutex_; written by the thread only
  std::thread thread_;
};

}  // namespace carillon::dispatcher
