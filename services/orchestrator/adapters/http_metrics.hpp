// POST /api/tenants/{id}/metrics: what a product measured of a tenant. Parsing happens on the I/O thread, or on that of
// an API key's lookup; the commit on AcceptMetrics' thread.
#pragma once
#include <functional>

#include "http/router.hpp"
#include "orchestrator/app/accept_metrics.hpp"
#include "orchestrator/app/client_directory.hpp"
#include "service/key_check.hpp"
#include "time/clock.hpp"

namespace carillon::orchestrator {

class HttpMetrics {
 public:
  // `ready`: the clients are known.
  HttpMetrics(const ClientDirectory& clients, AcceptMetrics& accept, security::ApiKeys& keys, const Clock& clock,
              std::function<bool()> ready);
  void routes(http::Router& router);
  void start() { keys_.start(); }
  void stop() { keys_.stop(); }

 private:
  void on_post(const http::Request& request, const security::ApiKey& key, http::Reply reply);

  const ClientDirectory& clients_;
  AcceptMetrics& accept_;
  const Clock& clock_;
  const std::function<bool()> ready_;
  service::KeyCheck keys_;
};

}  // namespace carillon::orchestrator
