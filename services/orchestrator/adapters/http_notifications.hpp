// POST /api/notifications. Parsing happens on the I/O thread, or on that of an API key's lookup; the commit on
// AcceptRequests' thread.
#pragma once
#include "http/router.hpp"
#include "orchestrator/app/accept_requests.hpp"
#include "orchestrator/app/facts.hpp"
#include "service/key_check.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class HttpNotifications {
 public:
  HttpNotifications(const Facts& facts, AcceptRequests& accept, security::ApiKeys& keys, const Clock& clock);
  void routes(http::Router& router);
  void start() { keys_.start(); }
  void stop() { keys_.stop(); }

 private:
  void on_post(const http::Request& request, const security::ApiKey& key, http::Reply reply);

  const Facts& facts_;
  AcceptRequests& accept_;
  const Clock& clock_;
  service::KeyCheck keys_;
};

}  // namespace carillon::orchestrator
