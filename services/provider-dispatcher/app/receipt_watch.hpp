// What is done about receipts between webhook calls: kept ones are applied once they can be, old ones are dropped, each
// provider is judged by its receipts, administrators are asked about held messages, refused calls are audited. Of
// several instances each does its part of the first; the rest is done by whoever comes first.
//
// One thread, one connection. Each chore stands alone: one that fails is logged and tried again the next time.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provider-dispatcher/app/apply_receipts.hpp"
#include "provider-dispatcher/app/receipt_effects.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/receipt_refusals.hpp"
#include "provider-dispatcher/app/unmatched_room.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::milliseconds receipt_watch_pause{1'000};
inline constexpr int receipt_sweep_max = 1'000;  // receipts of one transaction
inline constexpr int receipt_drop_max = 5'000;   // rows of one lot
// An unmatched receipt is looked at each time while it is young, for the outcome may be about to be stored; later ones
// every receipt_look_again: a process that was stopped may still bring the answer of its call.
inline constexpr std::chrono::minutes receipt_young{2};
inline constexpr std::chrono::minutes receipt_look_again{15};
inline constexpr std::chrono::seconds receipt_judge_pause{15};
inline constexpr std::chrono::seconds receipt_clean_pause{60};
inline constexpr std::chrono::days sent_calls_kept{3};
inline constexpr std::chrono::days noted_receipts_kept{7};
inline constexpr std::chrono::hours receipt_minutes_kept{25};
// An administrator is asked about messages that are held for this long, and not more often than this.
inline constexpr std::chrono::minutes held_question_after{15};

struct ReceiptWatchParts {
  bus::Bus& bus;
  const Clock& clock;
  pg::ConnectionSettings connection;
  ReceiptFigures& figures;
  UnmatchedRoom& room;
  ReceiptRefusals& refusals;
  metrics::Registry& metrics;
};

class ReceiptWatch {
 public:
  explicit ReceiptWatch(ReceiptWatchParts parts);
  ~ReceiptWatch();  // stop()
  void start();
  void stop();
  // One pass of all chores that are due; what the thread does every receipt_watch_pause. For tests.
  void look();

 private:
  void loop();
  void chore(const char* name, const std::function<void()>& work);
  void commit(pg::Transaction& tx, bus::Outbox& out);
  void apply_early(UtcTime now);
  void apply_matched(UtcTime now);
  void audit_refusals(UtcTime now);
  void write_figures();
  void judge(UtcTime now);
  void clean(UtcTime now);
  void drop_unmatched(UtcTime now);
  void ask_about_held(UtcTime now);

  ReceiptWatchParts parts_;
  pg::Connection connection_;
  const ReceiptEffects effects_;
  SteadyTime look_at_all_at_{}, judge_at_{}, clean_at_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // mutex_
  std::thread thread_;
};

}  // namespace carillon::dispatcher
