// The settler: one thread that takes what is finished, as much as there is, and settles it in one transaction after the
// other (group commit). What can't be written is kept and tried again; the claims in flight bound the queue. A batch
// that PostgreSQL refuses for its content is settled one by one, so that one bad outcome holds up no other.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "provider-dispatcher/app/call_figures.hpp"
#include "provider-dispatcher/app/capacity.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/settle_batch.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t settle_batch_max = 500;
// Transactions begin at least this long after one another, so that under load each settles many messages; what was
// answered meanwhile is UNCONFIRMED should the process be killed.
inline constexpr std::chrono::milliseconds settle_spacing{8};

struct SettleParts {
  const Roster& roster;
  ProviderBoard& board;
  Capacity& capacity;
  bus::Bus& bus;
  const Clock& clock;
  pg::ConnectionSettings connection;
  std::int64_t instance;
  std::function<void()> wake_claimer;  // there may be messages to call, or places to call them
  SpendBook& spend;
  CallFigures& figures;
  ReceiptFigures& receipts;
  // Providers whose receipts may only name the provider's own id: their calls are noted under it.
  std::set<std::string> noted_providers;
};

class SettleOutcomes {
 public:
  explicit SettleOutcomes(SettleParts parts);
  ~SettleOutcomes();
  void start();
  void push(Finished finished);                // thread-safe; only waits for the queue's mutex
  void stop(std::chrono::milliseconds grace);  // settles what is there, at most that long; joins

 private:
  void loop();
  std::vector<Finished> take();
  enum class Result { DONE, AGAIN, TOO_MUCH, REFUSED };
  Result settle(std::span<const Finished> batch);
  bool settle_or_give_up(std::span<const Finished> batch);  // false: the grace is over
  void note_calls(pg::Transaction& tx, std::span<const Finished> batch, UtcTime now) const;
  void settled(std::span<const Finished> batch, const Settlement& settlement, UtcTime now);
  bool pause(std::chrono::milliseconds time);  // false: the grace is over

  SettleParts parts_;
  pg::Connection connection_;
  SettleBatch batch_;
  std::mutex mutex_;
  std::condition_variable pushed_;
  SteadyTime next_settle_at_{};           // the settler's own
  std::deque<Finished> queue_;            // mutex_
  bool stopping_ = false;                 // mutex_
  std::optional<SteadyTime> give_up_at_;  // mutex_
  bool commit_unknown_ = false;           // the settler's own: the last commit may have succeeded unseen
  SystemClock machine_;
  std::thread thread_;
};

}  // namespace carillon::dispatcher
