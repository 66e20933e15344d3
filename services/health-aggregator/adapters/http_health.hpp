// Routes of the health dashboard and the audit log. Handlers run on the server's workers and block on the database.
#pragma once
#include "health-aggregator/adapters/provider_board.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

class HttpHealth {
 public:
  HttpHealth(service::Platform& platform, pg::Pool& pool, const ProviderBoard& providers);
  void add_to(http::Router& router);

 private:
  http::Response summary(const http::Request& request);
  http::Response timeseries(const http::Request& request);
  http::Response recent(const http::Request& request);
  http::Response audit_logs(const http::Request& request);

  service::Platform& platform_;
  pg::Pool& pool_;
  const ProviderBoard& providers_;
};

}  // namespace carillon::health
