#include "provider-dispatcher/app/claim_pending.hpp"

#include <algorithm>
#include <utility>

#include "postgres/errors.hpp"
#include "provider-dispatcher/adapters/breaker_store.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "provider-dispatcher/core/rate_slots.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "service/thread_name.hpp"

namespace carillon::dispatcher {

namespace {
constexpr std::chrono::milliseconds sweep_pause{1'000};
constexpr std::chrono::milliseconds trouble_pause{100};
constexpr DueFrom everything{};

Outcome nobody_left() {
  Outcome outcome;
  outcome.kind = OutcomeKind::TRANSIENT;
  outcome.reason = Reason::NO_PROVIDER;
  outcome.detail = "the round's other providers may not be called";
  return outcome;
}

// Places taken from the capacity; those that no claim took over go back.
class Places {
 public:
  Places(Capacity& capacity, ProviderIndex provider, int count)
      : capacity_(capacity), provider_(provider), count_(count) {}
  ~Places() { capacity_.give_back(provider_, count_); }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;
  void hand_over(std::size_t count) { count_ -= static_cast<int>(count); }

 private:
  Capacity& capacity_;
  ProviderIndex provider_;
  int count_;
};
}  // namespace

ClaimPending::ClaimPending(ClaimParts parts)
    : parts_(std::move(parts)),
      connection_(parts_.connection),
      walks_(parts_.roster.size()),
      next_slots_at_(parts_.roster.size()) {}

ClaimPending::~ClaimPending() {
  stop();
}

void ClaimPending::start() {
  thread_ = std::thread([this] { loop(); });
}

void ClaimPending::wake() {
  {
    const std::lock_guard lock(mutex_);
    wake_ = true;
  }
  woken_.notify_one();
}

void ClaimPending::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void ClaimPending::loop() {
  name_this_thread("claim");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_ = false;
    lock.unlock();
    wake_at_ = machine_.steady() + claim_poll;
    bool trouble = false;
    try {
      pass();
    } catch (const std::exception& e) {
      trouble = true;
      log::warn("dispatcher_claim_failed", {{"error", e.what()}});
    }
    lock.lock();
    if (trouble) {
      woken_.wait_for(lock, trouble_pause, [this] { return stopping_; });
    } else {
      woken_.wait_until(lock, wake_at_, [this] { return stopping_ || wake_; });
    }
  }
}

void ClaimPending::be_back_at(SteadyTime at) {
  wake_at_ = std::min(wake_at_, at);
}

void ClaimPending::pass() {
  const SteadyTime now = machine_.steady();
  parts_.calls.release_impatient();
  if (!parts_.alive()) return;
  if (now >= next_poll_) {
    look_for_backlog();
    const SteadyTime looked = machine_.steady();
    next_poll_ = looked + std::max<SteadyTime::duration>(claim_poll, pause_after_walk(looked - now));
  }
  be_back_at(next_poll_);
  for (ProviderIndex i = 0; i < parts_.roster.size(); ++i) {
    if (!parts_.roster[i].configured) continue;
    if (parts_.capacity.backlog(i) || walks_[i].whole_due_at() <= now) serve(i);
    if (walks_[i].whole_due_at() > now) be_back_at(walks_[i].whole_due_at());
  }
  if (now >= next_sweep_) {
    end_expired();
    next_sweep_ = now + sweep_pause;
  }
}

// Other instances and due retries leave no sign here but their rows.
void ClaimPending::look_for_backlog() {
  std::vector<std::uint64_t> seen(parts_.roster.size());
  for (ProviderIndex i = 0; i < seen.size(); ++i) seen[i] = parts_.capacity.backlog_seen(i);
  std::vector<bool> waiting(parts_.roster.size(), false);
  for (const std::string& name : pending_store::waiting_providers(connection_)) {
    const ProviderIndex provider = parts_.roster.find(name);
    if (provider != unknown_provider && parts_.roster[provider].configured) {
      waiting[provider] = true;
    } else {
      rescue(name);
    }
  }
  for (ProviderIndex i = 0; i < waiting.size(); ++i) {
    if (waiting[i]) {
      parts_.capacity.note_backlog(i);
    } else {
      parts_.capacity.clear_backlog(i, seen[i]);
    }
  }
}

void ClaimPending::serve(ProviderIndex provider) {
  switch (parts_.board.gate(provider, parts_.clock.now())) {
    case Gate::PASS:
      if (parts_.roster[provider].rate_per_second > 0) return claim_rated(provider);
      return claim_unrated(provider);
    case Gate::TRIAL_DUE:
      claim_trial(provider);
      return move_away(provider, false);
    case Gate::TRIAL_RUNNING:
      return move_away(provider, false);
    case Gate::SHUT:
      return move_away(provider, true);
  }
}

pending_store::Owner ClaimPending::next_owner() {
  return {parts_.instance, ++parts_.claim_numbers};
}

void ClaimPending::set_provider(std::vector<ClaimPtr>& claims, bool hold_places) const {
  for (const ClaimPtr& claim : claims) {
    claim->provider = parts_.roster.find(claim->provider_name);
    claim->holds_place = hold_places;
  }
}

void ClaimPending::commit(pg::Transaction& tx, const std::vector<ClaimPtr>& claims) {
  try {
    failpoint("dispatcher.claim.before_commit");
    tx.commit();
    failpoint("dispatcher.claim.after_commit");
  } catch (...) {
    for (const ClaimPtr& claim : claims)
      parts_.finished({claim, Finished::How::RELEASED, false, {}, parts_.clock.now()});
    throw;
  }
}

std::vector<ClaimPtr> ClaimPending::walk(pg::Transaction& tx, ProviderIndex provider, int rows_max) {
  ClaimWalk& walk = walks_[provider];
  const SteadyTime began = machine_.steady();
  const UtcTime due_by = parts_.clock.now();
  const ClaimWalk::Start start = walk.start(began);
  auto waiting = pending_store::claim_waiting(tx, parts_.bus, parts_.roster[provider].name, rows_max, next_owner(),
                                              due_by, start.due_from);
  const bool full = std::cmp_equal(waiting.claims.size(), rows_max);
  walk.ended(start, due_by, waiting.last_due, full, began, machine_.steady());
  return std::move(waiting.claims);
}

void ClaimPending::claim_unrated(ProviderIndex provider) {
  for (;;) {
    const int places = parts_.capacity.take(provider, claim_batch_max);
    if (places == 0) return;  // woken when some are given back
    const std::uint64_t seen = parts_.capacity.backlog_seen(provider);
    Places held(parts_.capacity, provider, places);
    pg::Transaction tx(connection_);
    std::vector<ClaimPtr> claims = walk(tx, provider, places);
    if (!claims.empty()) {
      set_provider(claims, true);
      held.hand_over(claims.size());
      commit(tx, claims);
      parts_.calls.begin(claims);
    }
    if (std::cmp_less(claims.size(), places)) return parts_.capacity.clear_backlog(provider, seen);
  }
}

// The slots are taken in the transaction that claims their messages, under the lock of the provider's row, and count in
// the database's clock, which all instances share.
void ClaimPending::claim_rated(ProviderIndex provider) {
  const RosterEntry& entry = parts_.roster[provider];
  if (machine_.steady() < next_slots_at_[provider]) return be_back_at(next_slots_at_[provider]);
  const int places = parts_.capacity.take(provider, claim_batch_max);
  if (places == 0) return;
  const std::uint64_t seen = parts_.capacity.backlog_seen(provider);
  Places held(parts_.capacity, provider, places);
  pg::Transaction tx(connection_);
  const UtcTime next_slot = breaker_store::lock_next_slot(tx, entry.name);
  const SteadyTime asked = machine_.steady();
  const UtcTime database_now = breaker_store::database_clock(tx);
  const SteadyTime answered = machine_.steady();
  const SlotPlan plan = plan_slots(next_slot, database_now, entry.rate_per_second, places);
  std::vector<ClaimPtr> claims;
  if (plan.count > 0) claims = walk(tx, provider, plan.count);
  const auto taken = static_cast<int>(claims.size());
  UtcTime next_free = next_slot;
  if (taken > 0) {
    set_provider(claims, true);
    for (int i = 0; i < taken; ++i) {
      const auto ahead = slot_at(plan, entry.rate_per_second, i) - database_now;
      // The database read its clock between the two: never before the slot, and late by the stricter count.
      claims[static_cast<std::size_t>(i)]->slot = CallSlot{answered + ahead, asked + ahead + slot_lateness_max};
    }
    next_free = slot_at(plan, entry.rate_per_second, taken);
    breaker_store::advance_next_slot(tx, entry.name, next_free);
    held.hand_over(claims.size());
    commit(tx, claims);
    parts_.calls.begin(claims);
  }
  if (taken < plan.count) return parts_.capacity.clear_backlog(provider, seen);
  next_slots_at_[provider] = answered + (next_free - database_now) - slot_lead;
  be_back_at(next_slots_at_[provider]);
}

bool ClaimPending::claim_trial(ProviderIndex provider) {
  const RosterEntry& entry = parts_.roster[provider];
  const UtcTime now = parts_.clock.now();
  pg::Transaction tx(connection_);
  auto breakers = breaker_store::lock(tx, {entry.name});
  const auto found = breakers.find(entry.name);
  if (found == breakers.end()) return false;
  Breaker& breaker = found->second;
  const Breaker before = breaker;
  if (!grant_trial(breaker, parts_.instance, now)) {
    parts_.board.put(provider, before);  // another instance was first, or it is closed by now
    return false;
  }
  std::vector<ClaimPtr> claims =
      pending_store::claim_waiting(tx, parts_.bus, entry.name, 1, next_owner(), now, everything).claims;
  if (claims.empty()) return false;
  set_provider(claims, false);
  claims.front()->trial = true;
  ++breaker.version;
  breaker_store::save(tx, breakers);
  bus::Outbox out;
  report_breaker_change(out, entry, before, breaker, now);
  parts_.bus.flush(out, tx);
  commit(tx, claims);
  parts_.board.put(provider, breaker);
  parts_.bus.wake(out);
  parts_.calls.begin(claims);
  return true;
}

// `end_rounds`: messages that have tried all others in this round don't wait for this one.
void ClaimPending::move_away(ProviderIndex provider, bool end_rounds) {
  const RosterEntry& from = parts_.roster[provider];
  const UtcTime now = parts_.clock.now();
  const std::uint64_t seen = parts_.capacity.backlog_seen(provider);
  std::size_t moved = 0;
  std::vector<ClaimPtr> ended;
  pg::Transaction tx(connection_);
  for (const ProviderIndex to : parts_.roster.chain(from.channel)) {
    if (to == provider || !parts_.roster[to].configured || parts_.board.gate(to, now) != Gate::PASS) continue;
    const std::size_t rows =
        pending_store::move_waiting(tx, from.name, from.channel, parts_.roster[to].name, move_batch_max, now);
    if (rows > 0) parts_.capacity.note_backlog(to);
    moved += rows;
  }
  if (end_rounds) ended = pending_store::claim_mid_round(tx, parts_.bus, from.name, claim_batch_max, next_owner(), now);
  set_provider(ended, false);
  if (moved == 0 && ended.empty()) return parts_.capacity.clear_backlog(provider, seen);
  commit(tx, ended);
  for (const ClaimPtr& claim : ended) parts_.finished({claim, Finished::How::ANSWERED, false, nobody_left(), now});
  be_back_at(machine_.steady());  // there may be more, and those they were moved to are served next
}

// Messages aimed at a provider this process may not call: the calls part sends them to the chain's head, or ends the
// round where the channel has no provider at all.
void ClaimPending::rescue(const std::string& stray) {
  pg::Transaction tx(connection_);
  std::vector<ClaimPtr> claims =
      pending_store::claim_waiting(tx, parts_.bus, stray, claim_batch_max, next_owner(), parts_.clock.now(), everything)
          .claims;
  if (claims.empty()) return;
  set_provider(claims, false);
  commit(tx, claims);
  parts_.calls.begin(claims);
}

void ClaimPending::end_expired() {
  pg::Transaction tx(connection_);
  std::vector<ClaimPtr> claims =
      pending_store::claim_expired(tx, parts_.bus, claim_batch_max, next_owner(), parts_.clock.now());
  if (claims.empty()) return;
  set_provider(claims, false);
  commit(tx, claims);
  for (const ClaimPtr& claim : claims) parts_.finished({claim, Finished::How::EXPIRED, false, {}, parts_.clock.now()});
}

}  // namespace carillon::dispatcher
