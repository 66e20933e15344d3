#include "provider-dispatcher/app/take_over_claims.hpp"

#include "dispatcher_sql.hpp"
#include "provider-dispatcher/adapters/instance_lock.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {

pg::Params key_params(std::int64_t instance) {
  const LockKey key = lock_key(instance);
  pg::Params params;
  params.add(key.high).add(key.low);
  return params;
}

Finished left_behind(ClaimPtr claim, UtcTime now) {
  Finished finished;
  finished.claim = std::move(claim);
  finished.at = now;
  finished.outcome.kind = OutcomeKind::UNCONFIRMED;
  finished.outcome.reason = Reason::PROCESS_DIED;
  finished.outcome.detail = "the process ended between the claim and the outcome";
  return finished;
}

}  // namespace

TakeOverClaims::TakeOverClaims(WatchParts parts)
    : parts_(std::move(parts)),
      looks_(parts_.connection),
      work_(parts_.connection),
      batch_(parts_.roster, parts_.board, parts_.bus, static_cast<std::uint64_t>(~parts_.instance)) {}

TakeOverClaims::~TakeOverClaims() {
  stop();
}

void TakeOverClaims::start() {
  thread_ = std::thread([this] { loop(); });
}

void TakeOverClaims::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void TakeOverClaims::loop() {
  name_this_thread("take-over");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    try {
      watch();
    } catch (const std::exception& e) {
      log::warn("dispatcher_watch_failed", {{"error", e.what()}});
    }
    lock.lock();
    changed_.wait_for(lock, watch_pause, [this] { return stopping_; });
  }
}

void TakeOverClaims::watch() {
  if (!published_) publish_states();
  renew_board();
  parts_.also_look();
  look_at_others();
  parts_.figures.renew_when_due();  // last: when the table is too large to be counted, only the figures are old
}

// Others gate on these states, so every start says what it has.
void TakeOverClaims::publish_states() {
  std::vector<std::string> names;
  for (const RosterEntry& entry : parts_.roster.entries()) names.push_back(entry.name);
  const UtcTime now = parts_.clock.now();
  bus::Outbox out;
  pg::Transaction tx(work_);
  breaker_store::ensure(tx, names);
  auto breakers = breaker_store::lock(tx, names);
  for (const RosterEntry& entry : parts_.roster.entries()) {
    Breaker& breaker = breakers[entry.name];
    ++breaker.version;
    report_provider_state(out, entry, breaker, now);
  }
  breaker_store::save(tx, breakers);
  parts_.bus.flush(out, tx);
  tx.commit();
  parts_.bus.wake(out);
  {
    const std::lock_guard lock(mutex_);
    published_ = true;
  }
  changed_.notify_all();
}

bool TakeOverClaims::wait_until_published(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, wait, [this] { return published_; });
}

void TakeOverClaims::renew_board() {
  const auto before = parts_.board.snapshot();
  for (const auto& [name, breaker] : breaker_store::read(looks_)) {
    const ProviderIndex provider = parts_.roster.find(name);
    if (provider == unknown_provider) continue;
    parts_.board.put(provider, breaker);
    if (before[provider].state != breaker.state) parts_.capacity.note_backlog(provider);
  }
}

void TakeOverClaims::look_at_others() {
  const SteadyTime now = machine_.steady();
  if (now >= next_owner_scan_) {
    looks_.run(dispatcher_sql::register_unknown_owners, pg::Params{}.add(parts_.clock.now()));
    next_owner_scan_ = now + unknown_owner_pause;
  }
  std::map<std::int64_t, SteadyTime> still_free;
  for (const auto& row : looks_.run(dispatcher_sql::other_instances, pg::Params{}.add(parts_.instance))) {
    const auto instance = row[0].as<std::int64_t>();
    if (!lock_is_free(instance)) continue;
    const auto known = free_since_.find(instance);
    const SteadyTime since = known == free_since_.end() ? now : known->second;
    if (now - since >= takeover_looks_apart) {
      take_over(instance);
    } else {
      still_free.emplace(instance, since);
    }
  }
  free_since_ = std::move(still_free);
}

bool TakeOverClaims::lock_is_free(std::int64_t instance) {
  if (!looks_.run(dispatcher_sql::try_instance_lock, key_params(instance))[0][0].as<bool>()) return false;
  looks_.run(dispatcher_sql::unlock_instance, key_params(instance));
  return true;
}

void TakeOverClaims::take_over(std::int64_t instance) {
  while (take_over_batch(instance)) {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
  }
  if (parts_.capacity.any_backlog()) parts_.wake_claimer();
}

// False when nothing is left, or the lock is held after all.
bool TakeOverClaims::take_over_batch(std::int64_t instance) {
  const UtcTime now = parts_.clock.now();
  bus::Outbox out;
  pg::Transaction tx(work_);
  if (!tx.run(dispatcher_sql::try_instance_lock_in_transaction, key_params(instance))[0][0].as<bool>()) return false;
  std::vector<Finished> left;
  for (ClaimPtr& claim : pending_store::claims_of(tx, parts_.bus, instance, takeover_batch_max)) {
    claim->provider = parts_.roster.find(claim->provider_name);
    left.push_back(left_behind(std::move(claim), now));
  }
  if (left.empty()) {
    tx.run(dispatcher_sql::unregister_instance, pg::Params{}.add(instance));
    tx.commit();
    return false;
  }
  const Settlement settlement = batch_.settle(tx, out, left, instance, true, now);
  audit(out, "CLAIMS_TAKEN_OVER", "instance", std::to_string(instance), {}, "OK", "PROCESS_DIED",
        {{"claims", std::to_string(left.size())}}, now);
  parts_.bus.flush(out, tx);
  tx.commit();
  parts_.bus.wake(out);
  log::warn("dispatcher_claims_taken_over", {{"claims", left.size()}, {"instance", instance}});
  for (const ProviderIndex provider : settlement.backlog) parts_.capacity.note_backlog(provider);
  return true;
}

}  // namespace carillon::dispatcher
