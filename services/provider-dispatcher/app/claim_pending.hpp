// The claimer: one thread that claims waiting messages for providers with places to call and, where rated, with a slot.
// Also moves what waits at a provider that may not be called, ends what has expired, and finds messages aimed at
// providers this process does not have.
//
// Woken by wake(), by the next slot of a rated provider, and every claim_poll.
#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "provider-dispatcher/adapters/pending_store.hpp"
#include "provider-dispatcher/app/call_providers.hpp"
#include "provider-dispatcher/app/capacity.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "provider-dispatcher/app/roster.hpp"
#include "provider-dispatcher/core/claim_walk.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::milliseconds claim_poll{250};
inline constexpr int claim_batch_max = 500;
inline constexpr int move_batch_max = 1'000;

struct ClaimParts {
  const Roster& roster;
  ProviderBoard& board;
  Capacity& capacity;
  CallProviders& calls;
  bus::Bus& bus;
  const Clock& clock;
  pg::ConnectionSettings connection;
  std::int64_t instance;
  std::atomic<std::int64_t>& claim_numbers;
  std::function<bool()> alive;
  std::function<void(Finished)> finished;
};

class ClaimPending {
 public:
  explicit ClaimPending(ClaimParts parts);
  ~ClaimPending();
  void start();
  void wake();
  void stop();

 private:
  void loop();
  void pass();
  void look_for_backlog();
  void serve(ProviderIndex provider);
  void claim_unrated(ProviderIndex provider);
  void claim_rated(ProviderIndex provider);
  std::vector<ClaimPtr> walk(pg::Transaction& tx, ProviderIndex provider, int rows_max);
  bool claim_trial(ProviderIndex provider);
  void move_away(ProviderIndex provider, bool end_rounds);
  void rescue(const std::string& stray);
  void end_expired();
  pending_store::Owner next_owner();
  // When the commit's fate is unknown the claims are taken back.
  void commit(pg::Transaction& tx, const std::vector<ClaimPtr>& claims);
  void set_provider(std::vector<ClaimPtr>& claims, bool hold_places) const;
  void be_back_at(SteadyTime at);

  ClaimParts parts_;
  pg::Connection connection_;
  SystemClock machine_;
  std::vector<ClaimWalk> walks_;           // by provider
  std::vector<SteadyTime> next_slots_at_;  // when a rated provider is looked at again
  SteadyTime next_poll_{};
  SteadyTime next_sweep_{};
  SteadyTime wake_at_{};  // of this round
  std::mutex mutex_;
  std::condition_variable woken_;
  bool wake_ = false;      // mutex_
  bool stopping_ = false;  // mutex_
  std::thread thread_;
};

}  // namespace carillon::dispatcher
