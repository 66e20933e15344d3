// Receipts on their way into the database: many webhook calls, one commit. They wait in a bounded queue; one thread
// takes what is there, applies it in one transaction and answers each call after the commit, so that a provider repeats
// whatever was not stored.
//
// Thread-safe. offer() never blocks. Answers come on the batch thread, exactly once per offered call.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provider-dispatcher/app/apply_receipts.hpp"
#include "provider-dispatcher/app/receipt_effects.hpp"
#include "provider-dispatcher/app/receipt_figures.hpp"
#include "provider-dispatcher/app/unmatched_room.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

inline constexpr std::size_t receipt_queue_max = 20'000;  // receipts that wait; more: the provider is to come again
inline constexpr std::size_t receipt_batch_max = 2'000;   // receipts of one transaction, and those of the last call
// Transactions begin at least this long after one another, so that under load each carries many receipts.
inline constexpr std::chrono::milliseconds receipt_spacing{5};

enum class Taken {
  STORED,
  UNAVAILABLE,  // perhaps stored: the provider is to send it again, which changes nothing
  FAILED        // the database refuses them; sending them again is no use until the log has been read
};

// What one webhook call brought.
struct ReceiptPost {
  std::vector<Receipt> receipts;
  std::function<void(Taken)> answer;
};

struct TakeReceiptsParts {
  bus::Bus& bus;
  const Clock& clock;
  pg::ConnectionSettings connection;
  ReceiptFigures& figures;
  UnmatchedRoom& room;
  metrics::Registry& metrics;
};

class TakeReceipts {
 public:
  explicit TakeReceipts(TakeReceiptsParts parts);
  ~TakeReceipts();  // stop()
  void start();
  void stop();                     // stores and answers what waits, then joins; later offers are refused
  bool offer(ReceiptPost&& post);  // false: the queue is full or this is stopped; `post` is untouched then

 private:
  using Posts = std::span<ReceiptPost>;
  void run();
  std::vector<ReceiptPost> take();
  void process(Posts posts);
  void commit(Posts posts);
  void count(Posts posts, const AppliedReceipts& applied, UtcTime now);

  TakeReceiptsParts parts_;
  pg::Connection connection_;  // batch thread only
  metrics::Histogram commit_seconds_;
  const ReceiptEffects effects_;
  std::map<std::pair<std::string, ReceiptKind>, metrics::Counter> counters_;  // batch thread only

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<ReceiptPost> queue_;  // mutex_
  std::size_t waiting_ = 0;        // mutex_; receipts in the queue
  bool running_ = false;           // mutex_
  std::thread thread_;
};

}  // namespace carillon::dispatcher
