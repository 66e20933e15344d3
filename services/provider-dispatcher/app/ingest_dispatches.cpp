#include "provider-dispatcher/app/ingest_dispatches.hpp"

#include <algorithm>
#include <unordered_set>

#include "provider-dispatcher/adapters/pending_store.hpp"
#include "provider-dispatcher/app/delivery_events.hpp"
#include "provider-dispatcher/app/read_dispatch.hpp"
#include "provider-dispatcher/core/claim_budget.hpp"
#include "service/failpoint.hpp"
#include "service/log.hpp"
#include "values/message_id.hpp"

namespace carillon::dispatcher {

namespace {

constexpr int priority_critical = 1;

std::optional<Failure> refuse(const events::Dispatch& dispatch) {
  if (!is_uuid(dispatch.message_id)) return Failure{"INVALID_FIELD", "message_id: must be a UUID"};
  if (dispatch.channel == events::Channel::CHANNEL_UNSPECIFIED) return Failure{"INVALID_FIELD", "channel: is missing"};
  if (dispatch.recipient.empty() && dispatch.sealed.empty()) {
    return Failure{"INVALID_FIELD", "recipient: is missing, and nothing is sealed"};
  }
  return std::nullopt;
}

void refused(bus::Outbox& out, const bus::Received& received, const Failure& failure, UtcTime now) {
  out.dead_letter(bus::topics::dispatch, received, failure.code, failure.detail, now);
  audit(out, "DISPATCH_REFUSED", "record",
        "dispatch/" + std::to_string(received.partition) + "/" + std::to_string(received.seq), {}, "REFUSED",
        failure.code, {{"detail", failure.detail}}, now);
  log::warn("dispatch_refused", {{"reason", failure.code}, {"detail", failure.detail}});
}

ClaimPtr new_claim(const bus::Received& received, ReadDispatch read) {
  auto claim = std::make_shared<Claim>();
  claim->dispatch = std::move(read.dispatch);
  claim->traceparent = std::move(read.traceparent);
  claim->priority = priority_rank(claim->dispatch.priority);
  claim->record = bus::Place{received.partition, received.stored_seq};
  return claim;
}

}  // namespace

bool IngestDispatches::ready() {
  parts_.capacity.wait_for_places(ingest_wait_max);
  return true;
}

void IngestDispatches::handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) {
  forget();
  const UtcTime now = parts_.clock.now();
  std::vector<Incoming> incoming = read(batch, out, now);
  if (incoming.empty()) return;
  aim(incoming, now);
  if (parts_.alive()) claim_what_can_start(incoming);
  store(incoming, tx, now);
  failpoint("dispatcher.ingest.before_commit");
}

std::vector<IngestDispatches::Incoming> IngestDispatches::read(std::span<const bus::Received> batch, bus::Outbox& out,
                                                               UtcTime now) const {
  std::vector<Incoming> incoming;
  incoming.reserve(batch.size());
  std::unordered_set<std::string_view> ids;
  ids.reserve(batch.size());
  for (const bus::Received& received : batch) {
    if (received.stored_seq == 0) {
      refused(out, received, {"FOREIGN_RECORD", "only the orchestrator publishes here"}, now);
      continue;
    }
    auto parsed = read_dispatch(received.record);
    const std::optional<Failure> failure = parsed ? refuse(parsed->dispatch) : parsed.error();
    if (failure) {
      refused(out, received, *failure, now);
      continue;
    }
    ClaimPtr claim = new_claim(received, std::move(parsed).value());
    if (ids.insert(claim->dispatch.message_id).second) incoming.push_back({std::move(claim), false});
  }
  std::stable_sort(incoming.begin(), incoming.end(),
                   [](const Incoming& a, const Incoming& b) { return a.claim->priority < b.claim->priority; });
  return incoming;
}

IngestDispatches::Aim IngestDispatches::aim_of(events::Channel channel, UtcTime now) {
  Aim aim;
  aim.known = true;
  const std::vector<Breaker> breakers = parts_.board.snapshot();
  const auto links = parts_.roster.links(channel, breakers, parts_.board.limits_reached(), now);
  const auto chosen = choose_provider(links, {});
  aim.name = chosen ? links[*chosen].provider : head_of(links);
  aim.provider = parts_.roster.find(aim.name);
  aim.pass = chosen && links[*chosen].gate == Gate::PASS;
  if (const auto trial = trial_before(links, chosen)) {
    const ProviderIndex provider = parts_.roster.find(links[*trial].provider);
    if (parts_.board.offer_trial(provider, now)) aim.trial = provider;
  }
  return aim;
}

void IngestDispatches::aim(std::vector<Incoming>& incoming, UtcTime now) {
  aims_ = {};
  // From the last, the least urgent: that one takes the trial's risk.
  for (auto one = incoming.rbegin(); one != incoming.rend(); ++one) {
    Aim& aim = aims_[static_cast<std::size_t>(one->claim->dispatch.channel)];
    if (!aim.known) aim = aim_of(one->claim->dispatch.channel, now);
    Claim& claim = *one->claim;
    claim.provider = aim.provider;
    claim.provider_name = aim.name;
    if (!aim.trial) continue;
    claim.provider = *aim.trial;
    claim.provider_name = parts_.roster[*aim.trial].name;
    aim.trial.reset();
  }
}

void IngestDispatches::claim_what_can_start(std::vector<Incoming>& incoming) {
  for (Incoming& one : incoming) {
    Claim& claim = *one.claim;
    const Aim& aim = aims_[static_cast<std::size_t>(claim.dispatch.channel)];
    if (!aim.pass || claim.provider != aim.provider || parts_.roster[claim.provider].rate_per_second > 0) continue;
    const bool critical = claim.priority == priority_critical;
    if (!critical && parts_.capacity.backlog(claim.provider)) continue;
    if (parts_.capacity.take(claim.provider, 1, critical ? critical_claims_reserve : 0) == 0) continue;
    claim.holds_place = true;
    one.claimed = true;
  }
}

void IngestDispatches::store(std::vector<Incoming>& incoming, pg::Transaction& tx, UtcTime now) {
  const std::int64_t number = ++parts_.claim_numbers;
  std::vector<pending_store::NewRow> rows;
  rows.reserve(incoming.size());
  claimed_.reserve(incoming.size());
  for (const Incoming& one : incoming) {
    one.claim->number = number;
    rows.push_back({one.claim.get(), one.claimed});
    if (one.claimed) claimed_.push_back(one.claim);
  }
  const auto inserted = pending_store::insert(tx, rows, {parts_.instance, number}, now);
  std::vector<ClaimPtr> duplicates;
  for (const Incoming& one : incoming) {
    if (!inserted.has(one.claim->dispatch.message_id)) {
      if (one.claimed) duplicates.push_back(one.claim);
    } else if (!one.claimed && one.claim->provider != unknown_provider) {
      waiting_.push_back(one.claim->provider);
    }
  }
  for (const ClaimPtr& duplicate : duplicates) {
    parts_.capacity.give_back(duplicate->provider, 1);
    claimed_.erase(std::find(claimed_.begin(), claimed_.end(), duplicate));
  }
}

void IngestDispatches::committed() {
  failpoint("dispatcher.ingest.after_commit");  // when it throws, the claims are taken back like after a lost commit
  const std::vector<ClaimPtr> claimed = std::exchange(claimed_, {});
  const std::vector<ProviderIndex> waiting = std::exchange(waiting_, {});
  parts_.calls.begin(claimed);
  std::vector<bool> noted(parts_.roster.size(), false);
  for (const ProviderIndex provider : waiting) {
    if (!noted[provider]) parts_.capacity.note_backlog(provider);
    noted[provider] = true;
  }
  if (!waiting.empty()) parts_.wake_claimer();
}

// The commit may have succeeded although its answer was lost, so the claims are taken back in the table: under their
// number, which no other claim has, and which does nothing where the rows were really rolled back.
void IngestDispatches::rolled_back() {
  for (const ClaimPtr& claim : std::exchange(claimed_, {})) {
    parts_.finished({claim, Finished::How::RELEASED, false, {}, parts_.clock.now()});
  }
  waiting_.clear();
}

void IngestDispatches::forget() {
  if (!claimed_.empty()) rolled_back();
  waiting_.clear();
}

}  // namespace carillon::dispatcher
