// POST /api/notifications. Parsing happens on the I/O thread, the commit on AcceptRequests' thread; an API key that is
// not in the cache is looked up on a thread of this object.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "http/router.hpp"
#include "orchestrator/app/accept_requests.hpp"
#include "orchestrator/app/facts.hpp"
#include "security/api_keys.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class HttpNotifications {
 public:
  HttpNotifications(const Facts& facts, AcceptRequests& accept, security::ApiKeys& keys, const Clock& clock);
  ~HttpNotifications();  // stop()
  void routes(http::Router& router);
  void start();
  void stop();  // answers 503 to whom still waits for a key

 private:
  void on_post(http::Request&& request, http::Reply reply);
  void authorised(const http::Request& request, const security::ApiKey& key, http::Reply reply);
  void look_up_keys();

  const Facts& facts_;
  AcceptRequests& accept_;
  security::ApiKeys& keys_;
  const Clock& clock_;

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<std::pair<http::Request, http::Reply>> lookups_;  // guarded by mutex_
  bool running_ = false;                                       // guarded by mutex_
  std::thread thread_;
};

}  // namespace carillon::orchestrator
