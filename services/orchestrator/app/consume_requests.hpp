// The consumer of notification.send-requests.v1: reads records, claims their idempotency keys, decides what is new.
#pragma once
#include <functional>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/decide_requests.hpp"
#include "orchestrator/app/idempotency.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class ConsumeRequests final : public bus::Handler {
 public:
  // `ready`: everything that decisions need is known. `left_behind`: called after a commit that parked or deferred.
  ConsumeRequests(const Facts& facts, const DecideRequests& decide, const Clock& clock, metrics::Registry& metrics,
                  std::function<bool()> ready, std::function<void()> left_behind);

  void handle(std::span<const bus::Received> batch, pg::Transaction& tx, bus::Outbox& out) override;
  void committed() override;
  void rolled_back() override { outcome_ = {}; }
  bool ready() override { return ready_(); }

 private:
  struct Candidate;
  std::vector<Incoming> first_seen(std::vector<Candidate> candidates, pg::Transaction& tx, bus::Outbox& out,
                                   UtcTime now);
  void reject(const bus::Received& received, const Failure& failure, const std::string& source, bus::Outbox& out,
              UtcTime now);
  IdempotencyClaim claim_of(const Candidate& candidate, UtcTime now) const;

  const Facts& facts_;
  const DecideRequests& decide_;
  const Clock& clock_;
  std::function<bool()> ready_;
  std::function<void()> left_behind_;
  metrics::Counter duplicates_, rejected_;
  DecideOutcome outcome_;
};

}  // namespace carillon::orchestrator
