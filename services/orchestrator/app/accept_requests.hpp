// HTTP ingress: many requests, one commit. Requests are gathered (service/gather.hpp); the batch thread claims the
// idempotency keys, publishes the new requests and commits once, then answers each.
//
// Thread-safe. offer() never blocks. Answers come on the batch thread, exactly once per offered request.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/idempotency.hpp"
#include "postgres/connection.hpp"
#include "service/gather.hpp"
#include "service/metrics.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

struct AcceptAnswer {
  enum class Kind { ACCEPTED, KEY_REUSED, REFUSED, UNAVAILABLE, FAILED };
  Kind kind = Kind::FAILED;
  std::string message_id;  // ACCEPTED: the first message, of this or the earlier same request
  std::int32_t message_count = 1;
  std::string reason, detail;  // REFUSED: nothing is stored, the key stays free
};

struct PendingRequest {
  IdempotencyClaim claim;
  std::vector<std::string> attachments;  // ids that have to be there
  bus::Record record;                    // what goes on notification.send-requests.v1
  std::function<void(AcceptAnswer)> answer;
};

class AcceptRequests {
 public:
  AcceptRequests(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, service::GatherLimits limits,
                 metrics::Registry& metrics);
  void start() { gather_.start(); }
  void stop() { gather_.stop(); }  // answers what waits; later offers are refused
  // false: the queue is full or this is stopped; `request` is untouched then.
  bool offer(PendingRequest&& request) { return gather_.offer(std::move(request)); }

 private:
  void process(std::vector<PendingRequest>& batch);
  std::vector<AcceptAnswer> commit(std::vector<PendingRequest>& batch);

  pg::Connection connection_;  // batch thread only
  bus::Bus& bus_;
  const Clock& clock_;
  metrics::Counter accepted_, repeated_, refused_, unknown_files_, unavailable_;
  metrics::Histogram commit_seconds_;
  service::Gather<PendingRequest> gather_;
};

}  // namespace carillon::orchestrator
