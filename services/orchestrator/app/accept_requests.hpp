// HTTP ingress: many requests, one commit. Requests wait in a bounded queue; one thread takes what is there, claims the
// idempotency keys, publishes the new requests and commits once, then answers each.
//
// Thread-safe. offer() never blocks. Answers come on the batch thread, exactly once per offered request.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bus/bus.hpp"
#include "orchestrator/app/idempotency.hpp"
#include "postgres/connection.hpp"
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

struct AcceptLimits {
  std::size_t queue_max;
  std::size_t batch_max;
};

class AcceptRequests {
 public:
  AcceptRequests(pg::ConnectionSettings connection, bus::Bus& bus, const Clock& clock, AcceptLimits limits,
                 metrics::Registry& metrics);
  ~AcceptRequests();  // stop()
  void start();
  void stop();                           // answers what waits, then joins; later offers are refused
  bool offer(PendingRequest&& request);  // false: the queue is full or this is stopped; `request` is untouched then

 private:
  void run();
  void process(std::vector<PendingRequest>& batch);
  std::vector<AcceptAnswer> commit(std::vector<PendingRequest>& batch);

  pg::Connection connection_;  // batch thread only
  bus::Bus& bus_;
  const Clock& clock_;
  const AcceptLimits limits_;
  metrics::Counter accepted_, repeated_, refused_, unknown_files_, unavailable_;
  metrics::Histogram commit_seconds_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<PendingRequest> queue_;  // guarded by mutex_
  bool running_ = false;              // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::orchestrator
