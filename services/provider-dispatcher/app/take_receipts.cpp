#include "provider-dispatcher/app/take_receipts.hpp"

#include <algorithm>

#include "postgres/errors.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {

constexpr int conflict_tries_max = 5;

}  // namespace

TakeReceipts::TakeReceipts(TakeReceiptsParts parts)
    : parts_(std::move(parts)),
      connection_(parts_.connection),
      commit_seconds_(parts_.metrics.histogram("carillon_receipt_commit_seconds", "Time of one commit of receipts.")),
      effects_(parts_.metrics) {}

TakeReceipts::~TakeReceipts() {
  stop();
}

void TakeReceipts::start() {
  const std::lock_guard lock(mutex_);
  if (running_) return;
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void TakeReceipts::stop() {
  {
    const std::lock_guard lock(mutex_);
    running_ = false;
  }
  arrived_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool TakeReceipts::offer(ReceiptPost&& post) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t count = post.receipts.size();
    // A call larger than the whole queue is taken when nothing else waits.
    if (!running_ || (waiting_ > 0 && waiting_ + count > receipt_queue_max)) return false;
    waiting_ += count;
    queue_.push_back(std::move(post));
    wake = queue_.size() == 1 || waiting_ >= receipt_batch_max;
  }
  if (wake) arrived_.notify_one();
  return true;
}

std::vector<ReceiptPost> TakeReceipts::take() {
  std::vector<ReceiptPost> batch;
  std::size_t receipts = 0;
  const std::lock_guard lock(mutex_);
  while (!queue_.empty() && receipts < receipt_batch_max) {
    receipts += queue_.front().receipts.size();
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  waiting_ -= receipts;
  return batch;
}

void TakeReceipts::run() {
  name_this_thread("receipts");
  auto next_commit_at = std::chrono::steady_clock::now();
  while (true) {
    {
      std::unique_lock lock(mutex_);
      arrived_.wait(lock, [this] { return !queue_.empty() || !running_; });
      if (queue_.empty()) return;
      arrived_.wait_until(lock, next_commit_at, [this] { return waiting_ >= receipt_batch_max || !running_; });
    }
    next_commit_at = std::chrono::steady_clock::now() + receipt_spacing;
    std::vector<ReceiptPost> batch = take();
    process(batch);
  }
}

void TakeReceipts::process(Posts posts) {
  Taken taken = Taken::UNAVAILABLE;
  for (int attempt = 1; attempt <= conflict_tries_max; ++attempt) {
    try {
      commit(posts);
      taken = Taken::STORED;
      break;
    } catch (const pg::Conflict& e) {
      log::debug("receipts_conflict", {{"error", e.what()}, {"calls", posts.size()}});
    } catch (const pg::Unavailable& e) {
      log::warn("receipts_unavailable", {{"error", e.what()}, {"calls", posts.size()}});
      break;
    } catch (const std::exception& e) {
      if (posts.size() > 1) {  // one bad call must not hold up the others
        for (std::size_t i = 0; i < posts.size(); ++i) process(posts.subspan(i, 1));
        return;
      }
      log::error("receipts_refused_by_database", {{"error", e.what()}});
      taken = Taken::FAILED;
      break;
    }
  }
  for (const ReceiptPost& post : posts) post.answer(taken);
}

void TakeReceipts::commit(Posts posts) {
  const SteadyTime began = parts_.clock.steady();
  const UtcTime now = parts_.clock.now();
  std::vector<Receipt*> receipts;
  for (ReceiptPost& post : posts) {
    for (Receipt& receipt : post.receipts) receipts.push_back(&receipt);
  }
  bus::Outbox out;
  pg::Transaction tx(connection_);
  const AppliedReceipts applied = apply_receipts(tx, parts_.bus, out, receipts, parts_.room.room(), now);
  failpoint("dispatcher.receipts.before_commit");
  parts_.bus.commit(out, tx);
  parts_.bus.wake(out);
  parts_.room.kept(applied.unmatched);
  count(posts, applied, now);
  commit_seconds_.observe(std::chrono::duration<double>(parts_.clock.steady() - began).count());
}

void TakeReceipts::count(Posts posts, const AppliedReceipts& applied, UtcTime now) {
  for (const ReceiptPost& post : posts) {
    for (const Receipt& receipt : post.receipts) {
      parts_.figures.came(receipt.provider, now);
      auto [counter, is_new] = counters_.try_emplace({receipt.provider, receipt.kind});
      if (is_new) {
        counter->second =
            parts_.metrics.counter("carillon_receipts_total", "Receipts that were stored, and events that are none.",
                                   {{"provider", receipt.provider}, {"kind", kind_name(receipt.kind)}});
      }
      counter->second.add();
    }
  }
  effects_.count(applied);
}

}  // namespace carillon::dispatcher
