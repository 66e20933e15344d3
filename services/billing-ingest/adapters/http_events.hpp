// Stripe's events for operators: list, one with its payload, replay. Scope admin.
#pragma once
#include <functional>

#include "bus/bus.hpp"
#include "http/router.hpp"
#include "postgres/pool.hpp"
#include "time/clock.hpp"

namespace carillon::billing {

class HttpEvents {
 public:
  // `replayed` is called when an event is due again.
  HttpEvents(pg::Pool& pool, bus::Bus& bus, const Clock& clock, std::function<void()> replayed)
      : pool_(pool), bus_(bus), clock_(clock), replayed_(std::move(replayed)) {}
  void routes(http::Router& router, const http::Guard& admin);

 private:
  http::Response list(const http::Request& request);
  http::Response show(const http::Request& request);
  http::Response replay(const http::Request& request);

  pg::Pool& pool_;
  bus::Bus& bus_;
  const Clock& clock_;
  const std::function<void()> replayed_;
};

}  // namespace carillon::billing
