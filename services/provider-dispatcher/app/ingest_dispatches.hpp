// Takes dispatch records in: each is stored in `pending` in the transaction that moves the offset. What can be called
// at once is stored as CLAIMED by this instance and called after the commit; the rest waits for the claimer.
//
// Runs on the consumer's thread. Never waits for a provider, except that ready() may hold the next batch back for
// `ingest_wait_max` while a quick provider catches up.
#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "provider-dispatcher/app/call_providers.hpp"
#include "provider-dispatcher/app/capacity.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "provider-dispatcher/app/roster.hpp"

namespace carillon::dispatcher {

inline constexpr std::chrono::milliseconds ingest_wait_max{50};

// Small enough to fit, at full pace, into the half of the claim budget that ready() waits for.
inline constexpr std::size_t ingest_batch_max = 250;

struct IngestParts {
  const Roster& roster;
  ProviderBoard& board;
  Capacity& capacity;
  CallProviders& calls;
  const Clock& clock;
  std::int64_t instance;
  std::atomic<std::int64_t>& claim_numbers;
  std::function<bool()> alive;
  std::function<void()> wake_claimer;
  std::function<void(Finished)> finished;  // for claims that were never begun
};

class IngestDispatches final : public bus::Handler {
 public:
  explicit IngestDispatches(IngestParts parts) : parts_(std::move(parts)) {}
  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;
  void committed() override;
  void rolled_back() override;
  bool ready() override;

 private:
  struct Incoming {
    ClaimPtr claim;
    bool claimed = false;
  };
  // What the batch knows of one channel: where its messages go.
  struct Aim {
    bool known = false;
    ProviderIndex provider = unknown_provider;  // unknown: nobody may be called
    std::string name;
    bool pass = false;                   // closed breaker: may be claimed at once
    std::optional<ProviderIndex> trial;  // one message may go here first
  };
  std::vector<Incoming> read(std::span<const bus::Received> batch, bus::Outbox& out, UtcTime now) const;
  void aim(std::vector<Incoming>& incoming, UtcTime now);
  Aim aim_of(events::Channel channel, UtcTime now);
  void claim_what_can_start(std::vector<Incoming>& incoming);
  void store(std::vector<Incoming>& incoming, pg::Transaction& tx, UtcTime now);
  void forget();

  IngestParts parts_;
  std::array<Aim, 4> aims_;             // of the batch at hand, by channel
  std::vector<ClaimPtr> claimed_;       // of the batch at hand, to be called after the commit
  std::vector<ProviderIndex> waiting_;  // providers that got messages to wait for
};

}  // namespace carillon::dispatcher
