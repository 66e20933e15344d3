#include "provider-dispatcher/app/settle_outcomes.hpp"

#include "postgres/errors.hpp"
#include "provider-dispatcher/adapters/receipt_store.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {
constexpr std::chrono::milliseconds retry_pause_first{20};
constexpr std::chrono::milliseconds retry_pause_max{1'000};
}  // namespace

SettleOutcomes::SettleOutcomes(SettleParts parts)
    : parts_(std::move(parts)),
      connection_(parts_.connection),
      batch_(parts_.roster, parts_.board, parts_.bus, static_cast<std::uint64_t>(parts_.instance)) {}

SettleOutcomes::~SettleOutcomes() {
  stop(std::chrono::milliseconds{0});
}

void SettleOutcomes::start() {
  thread_ = std::thread([this] { loop(); });
}

void SettleOutcomes::push(Finished finished) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(finished));
    wake = queue_.size() == 1 || queue_.size() >= settle_batch_max;
  }
  if (wake) pushed_.notify_one();
}

void SettleOutcomes::stop(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    give_up_at_ = machine_.steady() + grace;
  }
  pushed_.notify_one();
  thread_.join();
}

std::vector<Finished> SettleOutcomes::take() {
  std::unique_lock lock(mutex_);
  pushed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
  pushed_.wait_until(lock, next_settle_at_, [this] { return stopping_ || queue_.size() >= settle_batch_max; });
  next_settle_at_ = std::chrono::steady_clock::now() + settle_spacing;
  std::vector<Finished> batch;
  const std::size_t count = std::min(queue_.size(), settle_batch_max);
  batch.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

void SettleOutcomes::loop() {
  name_this_thread("settle");
  for (;;) {
    const std::vector<Finished> batch = take();
    if (batch.empty()) return;
    if (settle_or_give_up(batch)) continue;
    // The claims stay; whoever takes them over finds them UNCONFIRMED.
    const std::lock_guard lock(mutex_);
    log::error("dispatcher_outcomes_not_stored", {{"claims", batch.size() + queue_.size()}});
    return;
  }
}

bool SettleOutcomes::settle_or_give_up(std::span<const Finished> batch) {
  commit_unknown_ = false;
  for (auto time = retry_pause_first;; time = std::min(time * 2, retry_pause_max)) {
    const Result result = settle(batch);
    if (result == Result::DONE) return true;
    if (result == Result::TOO_MUCH) {
      const std::size_t half = batch.size() / 2;
      return settle_or_give_up(batch.first(half)) && settle_or_give_up(batch.subspan(half));
    }
    if (result == Result::REFUSED && batch.size() > 1) {
      for (std::size_t i = 0; i < batch.size(); ++i) {
        if (!settle_or_give_up(batch.subspan(i, 1))) return false;
      }
      return true;
    }
    if (result == Result::REFUSED) {
      // Alone and refused: others go first; the claim is kept, so nothing is lost while somebody looks at the log.
      push(batch.front());
      return pause(retry_pause_max);
    }
    if (!pause(time)) return false;
  }
}

bool SettleOutcomes::pause(std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  if (give_up_at_ && machine_.steady() >= *give_up_at_) return false;
  pushed_.wait_for(lock, time, [this] { return give_up_at_ && machine_.steady() >= *give_up_at_; });
  return true;
}

SettleOutcomes::Result SettleOutcomes::settle(std::span<const Finished> batch) {
  const UtcTime now = parts_.clock.now();
  try {
    bus::Outbox out;
    pg::Transaction tx(connection_);
    const Settlement settlement = batch_.settle(tx, out, batch, parts_.instance, commit_unknown_, now);
    note_calls(tx, batch, now);
    parts_.bus.flush(out, tx);
    failpoint("dispatcher.settle.before_commit");
    commit_unknown_ = true;
    tx.commit();
    commit_unknown_ = false;
    settled(batch, settlement, now);
    parts_.bus.wake(out);
    try {
      failpoint("dispatcher.settle.after_commit");
    } catch (const pg::Unavailable&) {
      connection_.close();  // what is stored stays stored; only the session is lost
    }
    return Result::DONE;
  } catch (const pg::Unavailable& e) {
    log::warn("dispatcher_settle_unavailable", {{"error", e.what()}, {"claims", batch.size()}});
    // The session lives, so a statement ran out of time or the server out of room: five hundred large copies may be
    // that.
    if (connection_.is_open() && !commit_unknown_ && batch.size() > 1) return Result::TOO_MUCH;
  } catch (const pg::Conflict& e) {
    log::warn("dispatcher_settle_conflict", {{"error", e.what()}, {"claims", batch.size()}});
  } catch (const std::exception& e) {
    log::error("dispatcher_settle_refused", {{"error", e.what()}, {"claims", batch.size()}});
    return Result::REFUSED;
  }
  return Result::AGAIN;
}

void SettleOutcomes::note_calls(pg::Transaction& tx, std::span<const Finished> batch, UtcTime now) const {
  if (parts_.noted_providers.empty()) return;
  std::vector<receipt_store::SentCall> calls;
  for (const Finished& finished : batch) {
    const Claim& claim = *finished.claim;
    const std::string& their_id = finished.outcome.provider_message_id;
    if (their_id.empty() || !parts_.noted_providers.contains(claim.provider_name)) continue;
    calls.push_back({claim.provider_name, their_id, claim.dispatch.message_id, claim.attempt});
  }
  receipt_store::note_sent_calls(tx, calls, now);
}

void SettleOutcomes::settled(std::span<const Finished> batch, const Settlement& settlement, UtcTime now) {
  if (!settlement.units.empty()) parts_.spend.add(settlement.units, now);
  parts_.figures.add(batch);
  parts_.receipts.settled(batch);
  for (const auto& [provider, breaker] : settlement.breakers) {
    parts_.board.put(provider, breaker);
    parts_.capacity.note_backlog(provider);  // what waits there may now be called, or must go elsewhere
  }
  for (const ProviderIndex provider : settlement.backlog) parts_.capacity.note_backlog(provider);
  std::vector<int> places(parts_.roster.size(), 0);
  for (const Finished& finished : batch) {
    if (finished.claim->holds_place) ++places[finished.claim->provider];
  }
  for (std::size_t i = 0; i < places.size(); ++i) parts_.capacity.give_back(i, places[i]);
  if (parts_.capacity.any_backlog()) parts_.wake_claimer();
}

}  // namespace carillon::dispatcher
