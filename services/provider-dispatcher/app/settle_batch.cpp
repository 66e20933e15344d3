#include "provider-dispatcher/app/settle_batch.hpp"

#include <algorithm>
#include <set>

#include "provider-dispatcher/adapters/receipt_store.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"

namespace carillon::dispatcher {

namespace {

bool is_step(const Finished& finished) {
  return finished.how == Finished::How::ANSWERED;
}

// A call of this message may have got through unseen, and this outcome does not say so.
bool may_be_told(const Finished& finished, const NextStep& next) {
  if (next.step == Step::SENT) return false;
  return finished.claim->extra_call || (is_step(finished) && finished.outcome.kind == OutcomeKind::UNCONFIRMED);
}

std::vector<std::string> with(std::vector<std::string> names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

}  // namespace

SettleBatch::SettleBatch(const Roster& roster, const ProviderBoard& board, bus::Bus& bus, std::uint64_t jitter_seed)
    : roster_(roster), board_(board), bus_(bus), random_(jitter_seed) {}

Settlement SettleBatch::settle(pg::Transaction& tx, bus::Outbox& out, std::span<const Finished> batch,
                               std::int64_t instance, bool repeated, UtcTime now) {
  Settlement settlement;
  breakers_ = board_.snapshot();
  links_.clear();
  update_breakers(tx, out, batch, now, settlement);
  std::vector<Verdict> verdicts;
  verdicts.reserve(batch.size());
  for (const Finished& finished : batch) verdicts.push_back(judge(finished, now));
  look_for_receipts(tx, verdicts);
  write(tx, verdicts, instance, now, settlement);
  report(tx, out, verdicts, repeated, now);
  count_spend(tx, verdicts, now, settlement);
  return settlement;
}

std::vector<std::string> SettleBatch::breakers_concerned(std::span<const Finished> batch) const {
  std::set<std::string> names;
  for (const Finished& finished : batch) {
    const ProviderIndex provider = finished.claim->provider;
    if (provider == unknown_provider) continue;
    const bool failed = finished.called && is_step(finished) && counts_against_provider(finished.outcome);
    if (failed || finished.claim->trial || (finished.called && !breakers_[provider].clean()))
      names.insert(roster_[provider].name);
  }
  return {names.begin(), names.end()};
}

// Batches of successes at providers without failures touch nothing.
void SettleBatch::update_breakers(pg::Transaction& tx, bus::Outbox& out, std::span<const Finished> batch, UtcTime now,
                                  Settlement& settlement) {
  const std::vector<std::string> names = breakers_concerned(batch);
  if (names.empty()) return;
  auto before = breaker_store::lock(tx, names);
  for (const auto& [name, breaker] : before) breakers_[roster_.find(name)] = breaker;
  for (const Finished& finished : batch) {
    const Claim& claim = *finished.claim;
    if (claim.provider == unknown_provider || before.count(claim.provider_name) == 0) continue;
    Breaker& breaker = breakers_[claim.provider];
    if (finished.called && is_step(finished)) {
      record_outcome(breaker, finished.outcome, claim.trial, now);
    } else if (claim.trial) {
      abandon_trial(breaker);
    }
  }
  breaker_store::Breakers changed;
  for (const auto& [name, old] : before) {
    const ProviderIndex provider = roster_.find(name);
    Breaker& breaker = breakers_[provider];
    if (breaker == old) continue;
    ++breaker.version;
    report_breaker_change(out, roster_[provider], old, breaker, now);
    settlement.breakers.emplace(provider, breaker);
    changed.emplace(name, breaker);
  }
  if (!changed.empty()) breaker_store::save(tx, changed);
}

const std::vector<Link>& SettleBatch::links(events::Channel channel, UtcTime now) {
  const auto known = links_.find(channel);
  if (known != links_.end()) return known->second;
  return links_.emplace(channel, roster_.links(channel, breakers_, board_.limits_reached(), now)).first->second;
}

// A message that was not called: to the provider that would be chosen now, and at once.
NextStep SettleBatch::released(const Claim& claim, UtcTime now) {
  const auto& chain = links(claim.dispatch.channel, now);
  NextStep next;
  next.step = Step::FAILOVER;
  next.round = claim.round;
  next.extra_call = claim.extra_call;
  next.due_at = now;
  const auto chosen = choose_provider(chain, claim.tried);
  next.provider = chosen ? chain[*chosen].provider : head_of(chain);
  return next;
}

SettleBatch::Verdict SettleBatch::judge(const Finished& finished, UtcTime now) {
  const Claim& claim = *finished.claim;
  Verdict verdict;
  verdict.finished = &finished;
  switch (finished.how) {
    case Finished::How::EXPIRED:
      verdict.next.step = Step::EXPIRED;
      return verdict;
    case Finished::How::RELEASED:
      verdict.next = released(claim, now);
      return verdict;
    case Finished::How::ANSWERED:
      break;
  }
  Standing standing;
  standing.channel = claim.dispatch.channel;
  standing.policy = claim.dispatch.unconfirmed_policy;
  standing.round = claim.round;
  standing.extra_call = claim.extra_call;
  if (finished.outcome.kind == OutcomeKind::ACCEPTED) {
    verdict.next = next_step(standing, finished.outcome, {}, now, 0);
    return verdict;
  }
  const auto tried = with(claim.tried, claim.provider_name);
  standing.tried = tried;
  const double jitter = std::uniform_real_distribution<double>(-1, 1)(random_);
  verdict.next = next_step(standing, finished.outcome, links(claim.dispatch.channel, now), now, jitter);
  return verdict;
}

// A receipt that came while its message was called waits for this: whatever the call came to, it is not sent again.
void SettleBatch::look_for_receipts(pg::Transaction& tx, std::vector<Verdict>& verdicts) {
  std::vector<const std::string*> ids;
  for (const Verdict& verdict : verdicts) {
    if (may_be_told(*verdict.finished, verdict.next)) ids.push_back(&verdict.finished->claim->dispatch.message_id);
  }
  const std::set<std::string> told = receipt_store::told(tx, ids);
  if (told.empty()) return;
  for (Verdict& verdict : verdicts) {
    const Claim& claim = *verdict.finished->claim;
    if (!may_be_told(*verdict.finished, verdict.next) || told.count(claim.dispatch.message_id) == 0) continue;
    verdict.next = NextStep{};
    verdict.next.step = Step::TOLD;
    verdict.next.round = claim.round;
    verdict.next.extra_call = claim.extra_call;
  }
}

pending_store::Move SettleBatch::move_of(const Verdict& verdict, UtcTime now, Settlement& settlement) const {
  const Finished& finished = *verdict.finished;
  const Claim& claim = *finished.claim;
  pending_store::Move move;
  move.claim = &claim;
  move.round = verdict.next.round;
  move.attempt = claim.attempt - (finished.called ? 0 : 1);
  move.extra_call = verdict.next.extra_call;
  if (verdict.next.step == Step::HELD || verdict.next.step == Step::TOLD) {
    move.state = pending_store::State::HELD;
    move.provider = claim.provider_name;
    move.due_at = now;
    move.tried = claim.tried;
    return move;
  }
  move.provider = verdict.next.provider;
  move.due_at = verdict.next.due_at;
  if (finished.how == Finished::How::RELEASED) move.tried = claim.tried;
  if (is_step(finished) && verdict.next.step == Step::FAILOVER) move.tried = with(claim.tried, claim.provider_name);
  const ProviderIndex provider = roster_.find(move.provider);
  if (provider != unknown_provider && move.due_at <= now) settlement.backlog.push_back(provider);
  return move;
}

void SettleBatch::write(pg::Transaction& tx, std::vector<Verdict>& verdicts, std::int64_t instance, UtcTime now,
                        Settlement& settlement) {
  std::vector<const Claim*> finals;
  std::vector<pending_store::Move> moves;
  for (const Verdict& verdict : verdicts) {
    if (verdict.next.final()) {
      finals.push_back(verdict.finished->claim.get());
    } else {
      moves.push_back(move_of(verdict, now, settlement));
    }
  }
  const auto mark = [&verdicts](const pending_store::Touched& touched, bool final) {
    for (Verdict& verdict : verdicts) {
      if (verdict.next.final() == final) verdict.touched = touched.has(verdict.finished->claim->dispatch.message_id);
    }
  };
  if (!finals.empty()) mark(pending_store::remove(tx, finals, instance), true);
  if (!moves.empty()) mark(pending_store::move(tx, bus_, moves, instance), false);
}

void SettleBatch::report(pg::Transaction& tx, bus::Outbox& out, const std::vector<Verdict>& verdicts, bool repeated,
                         UtcTime now) {
  std::vector<const Verdict*> late;
  std::vector<const Claim*> accepted_late;
  for (const Verdict& verdict : verdicts) {
    const Finished& finished = *verdict.finished;
    if (verdict.touched) {
      if (finished.how != Finished::How::RELEASED) report_step(out, finished, verdict.next, now);
    } else if (is_step(finished) && finished.called) {
      late.push_back(&verdict);
      if (finished.outcome.kind == OutcomeKind::ACCEPTED) accepted_late.push_back(finished.claim.get());
    }
  }
  if (late.empty()) return;
  std::optional<pending_store::Touched> upgraded;
  if (!accepted_late.empty()) upgraded.emplace(pending_store::remove_held(tx, accepted_late));
  for (const Verdict* verdict : late) {
    const Finished& finished = *verdict->finished;
    const bool upgrade =
        finished.outcome.kind == OutcomeKind::ACCEPTED && upgraded->has(finished.claim->dispatch.message_id);
    if (upgrade || !repeated) report_late_answer(out, finished, upgrade, now);
  }
}

// Last before the records: batches of other instances wait for these rows until the commit. A claim that is no longer
// ours was counted by who took it over.
void SettleBatch::count_spend(pg::Transaction& tx, const std::vector<Verdict>& verdicts, UtcTime now,
                              Settlement& settlement) {
  spend_store::Amounts amounts;
  for (const Verdict& verdict : verdicts) {
    const Finished& finished = *verdict.finished;
    const OutcomeKind kind = finished.outcome.kind;
    if (!verdict.touched || !is_step(finished) || !finished.called) continue;
    if (kind != OutcomeKind::ACCEPTED && kind != OutcomeKind::UNCONFIRMED) continue;
    const events::Dispatch& dispatch = finished.claim->dispatch;
    const std::int64_t units = units_of(dispatch.channel, dispatch.sms_segments);
    spend_store::Amount& amount = amounts[{finished.claim->provider_name, dispatch.template_key}];
    ++amount.messages;
    amount.units += units;
    settlement.units[finished.claim->provider_name] += units;
  }
  if (!amounts.empty()) spend_store::add(tx, day_of(now), amounts);
}

}  // namespace carillon::dispatcher
