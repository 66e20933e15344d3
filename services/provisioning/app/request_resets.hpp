// Somebody asks for a new password. The answer leaves before anything is looked up, so it is the same, in the same
// time, whether the address is known or not; what follows happens on a thread of its own.
//
// What waits is bounded and is worked off at stop(). Whoever asks just when the process is killed gets no mail and asks
// again, which the page tells them to. Thread-safe; offer() never blocks.
#pragma once
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "postgres/connection.hpp"
#include "provisioning/app/accounts.hpp"
#include "provisioning/core/login_limits.hpp"
#include "security/seal.hpp"
#include "service/gather.hpp"
#include "time/clock.hpp"

namespace carillon::provisioning {

struct ResetRequest {
  std::string email;
  std::string client_address;
  std::string traceparent;
};

class RequestResets {
 public:
  RequestResets(pg::ConnectionSettings connection, bus::Bus& bus, const security::Sealer& sealer, const Clock& clock,
                const Accounts& accounts, const LoginLimits& limits);
  void start() { queue_.start(); }
  void stop() { queue_.stop(); }
  bool offer(ResetRequest&& request) { return queue_.offer(std::move(request)); }  // false: full, or stopped

 private:
  void process(std::vector<ResetRequest>& batch);
  void answer(const ResetRequest& request, UtcTime now);

  pg::Connection connection_;  // the queue's thread only
  bus::Bus& bus_;
  const security::Sealer& sealer_;
  const Clock& clock_;
  const Accounts& accounts_;
  const LoginLimits& limits_;
  service::Gather<ResetRequest> queue_;  // last: its thread uses the others
};

}  // namespace carillon::provisioning
