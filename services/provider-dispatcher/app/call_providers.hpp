// Makes the calls of claimed messages: per provider a line in order of priority, at most concurrency_max calls at once,
// rated ones not before their slot. Looks at expiry, the instance's lock and the breaker right before each call.
//
// Thread-safe; a mutex per provider guards its line, never held during a call into a provider. begin() may call
// providers on the caller's thread (they return at once). Every claim that was begun comes back through `finished`,
// exactly once.
#pragma once
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "http/runtime.hpp"
#include "provider-dispatcher/app/capacity.hpp"
#include "provider-dispatcher/app/claim.hpp"
#include "provider-dispatcher/app/load_attachments.hpp"
#include "provider-dispatcher/app/provider_board.hpp"
#include "provider-dispatcher/app/roster.hpp"
#include "security/seal.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::dispatcher {

// An unrated claim that waited this long for a free connection goes back to the table.
inline constexpr std::chrono::milliseconds claim_patience{1'000};

struct CallParts {
  const Roster& roster;
  const ProviderBoard& board;
  Capacity& capacity;
  const security::Sealer& sealer;
  const Clock& clock;
  http::Runtime& io;
  metrics::Registry& metrics;
  std::function<bool()> alive;             // this instance's session lock was confirmed lately
  std::function<void(Finished)> finished;  // thread-safe, does not block
  pg::ConnectionSettings attachments;      // where messages' files are read
};

class CallProviders : public std::enable_shared_from_this<CallProviders> {
 public:
  explicit CallProviders(CallParts parts);
  ~CallProviders();
  void begin(const std::vector<ClaimPtr>& claims);
  // Sends claims back that wait too long for a connection.
  void release_impatient();
  // Starts no more calls; what waits in a line comes back as RELEASED.
  void stop_starting();
  // True when no call runs any more.
  bool wait_until_idle(std::chrono::milliseconds wait);
  // Answers that come from now on are dropped; their claims are left for a takeover.
  void abandon() { abandoned_ = true; }

 private:
  struct Line;
  struct Meters;
  LoadParts load_parts();
  void enqueue(const ClaimPtr& claim);
  void pace(Line& line, ProviderIndex provider, const ClaimPtr& claim);
  void slots_due(ProviderIndex provider);
  void pump(ProviderIndex provider);
  ClaimPtr next(Line& line) const;
  void start(const ClaimPtr& claim);
  bool may_call(const ClaimPtr& claim, UtcTime now);
  bool open_sealed(Claim& claim, Outcome& refusal) const;
  void answered(const ClaimPtr& claim, Outcome outcome, SteadyTime begun);
  void ended_without_call(const ClaimPtr& claim, Finished::How how);
  void finish(Finished finished);
  void one_less_running(ProviderIndex provider);

  CallParts parts_;
  SystemClock machine_;                       // slots, patience and latency are measured in the machine's own time
  std::vector<std::unique_ptr<Line>> lines_;  // by provider
  std::vector<std::unique_ptr<Meters>> meters_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> abandoned_{false};
  std::mutex idle_mutex_;
  std::condition_variable idle_changed_;
  int running_ = 0;  // idle_mutex_
  LoadAttachments files_;
};

}  // namespace carillon::dispatcher
