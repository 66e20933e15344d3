// One batch of finished claims, settled in one transaction: breakers, what follows for each message, its removal or
// move, and the events. Does not commit. Used by the settler for this instance's claims and by the takeover for a dead
// one's.
#pragma once
#include <functional>
#include <map>
#include <random>
#include <span>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provider-dispatcher/adapters/breaker_store.hpp"
#include "provider-dispatcher/adapters/pending_store.hpp"
#include "provider-dispatcher/adapters/spend_store.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "provider-dispatcher/app/roster.hpp"

namespace carillon::dispatcher {

// What holds once the transaction is committed.
struct Settlement {
  std::map<ProviderIndex, Breaker> breakers;  // changed
  std::vector<ProviderIndex> backlog;         // got messages to call
  SpendBook::Units units;                     // of calls that were accepted or stayed unconfirmed
};

// One thread. `settle` throws the pg:: errors.
class SettleBatch {
 public:
  SettleBatch(const Roster& roster, const ProviderBoard& board, bus::Bus& bus, std::uint64_t jitter_seed);
  // `repeated`: an earlier commit of this batch may have succeeded unseen, so a missing claim proves no takeover.
  Settlement settle(pg::Transaction& tx, bus::Outbox& out, std::span<const Finished> batch, std::int64_t instance,
                    bool repeated, UtcTime now);

 private:
  struct Verdict {
    const Finished* finished = nullptr;
    NextStep next;
    bool touched = false;  // the claim was still ours
  };
  void update_breakers(pg::Transaction& tx, bus::Outbox& out, std::span<const Finished> batch, UtcTime now,
                       Settlement& settlement);
  std::vector<std::string> breakers_concerned(std::span<const Finished> batch) const;
  Verdict judge(const Finished& finished, UtcTime now);
  pending_store::Move move_of(const Verdict& verdict, UtcTime now, Settlement& settlement) const;
  NextStep released(const Claim& claim, UtcTime now);
  static void look_for_receipts(pg::Transaction& tx, std::vector<Verdict>& verdicts);
  const std::vector<Link>& links(events::Channel channel, UtcTime now);
  void write(pg::Transaction& tx, std::vector<Verdict>& verdicts, std::int64_t instance, UtcTime now,
             Settlement& settlement);
  void report(pg::Transaction& tx, bus::Outbox& out, const std::vector<Verdict>& verdicts, bool repeated, UtcTime now);
  static void count_spend(pg::Transaction& tx, const std::vector<Verdict>& verdicts, UtcTime now,
                          Settlement& settlement);

  const Roster& roster_;
  const ProviderBoard& board_;
  bus::Bus& bus_;  // what is held or goes to its next round is copied from it
  std::mt19937_64 random_;
  // Of the batch at hand.
  std::vector<Breaker> breakers_;
  std::map<events::Channel, std::vector<Link>> links_;
};

}  // namespace carillon::dispatcher
