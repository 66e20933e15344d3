// Routes over the message log: a sender's own message, the admin's list and detail. Handlers run on the server's
// workers and block on the database.
#pragma once
#include "bus/bus.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "service/service.hpp"

namespace carillon::health {

// How long after acceptance an unknown message may just not have been logged yet.
inline constexpr std::chrono::seconds logged_within{60};

class HttpMessages {
 public:
  HttpMessages(service::Platform& platform, pg::Pool& pool, bus::Bus& bus);
  void add_to(http::Router& router);

 private:
  http::Response own_message(const http::Request& request);
  http::Response list(const http::Request& request);
  http::Response detail(const http::Request& request);
  http::Response not_found(const std::string& message_id) const;

  service::Platform& platform_;
  pg::Pool& pool_;
  bus::Bus& bus_;
};

}  // namespace carillon::health
