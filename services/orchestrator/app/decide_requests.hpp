// A batch of send requests: decide each, publish what follows. One transaction, no waiting.
// Throws pg:: errors and nothing for what a request says. Thread-safe: holds no state but metric handles.
#pragma once
#include <map>
#include <span>
#include <vector>

#include "bus/outbox.hpp"
#include "orchestrator/app/decided_message.hpp"
#include "orchestrator/app/facts.hpp"
#include "postgres/connection.hpp"
#include "service/metrics.hpp"

namespace carillon::orchestrator {

inline constexpr std::chrono::seconds park_time_max{30};

// What a batch left behind that others must come back to.
struct DecideOutcome {
  std::size_t parked = 0;
  std::size_t deferred = 0;
};

class DecideRequests {
 public:
  DecideRequests(const Facts& facts, metrics::Registry& metrics);

  // `requests` are claimed (idempotency) and carry their message ids. Publishes Dispatch, MessageEvent and AuditEvent.
  DecideOutcome operator()(std::span<const Incoming> requests, pg::Transaction& tx, bus::Outbox& out,
                           UtcTime now) const;

 private:
  bool must_park(const Incoming& incoming, UtcTime now) const;
  void attach_files(std::span<DecidedMessage> messages, pg::Transaction& tx, UtcTime now) const;
  void gate_all(std::span<DecidedMessage> messages, pg::Transaction& tx, UtcTime now) const;
  std::size_t throttle_all(std::span<DecidedMessage> messages, pg::Transaction& tx, UtcTime now) const;
  void publish_all(std::span<DecidedMessage> messages, pg::Transaction& tx, bus::Outbox& out, UtcTime now) const;

  const Facts& facts_;
  std::map<events::Status, metrics::Counter> decisions_;
};

}  // namespace carillon::orchestrator
